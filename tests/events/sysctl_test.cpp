// SPDX-License-Identifier: Apache-2.0
// Writes to sysctls by various system calls, and by many processes at once.
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <thread>
#include <utility>

#include "sysctl_events.h"

namespace netchange::test {
namespace {

TEST_F(Sysctl, CountsAWriteToADeviceAndWhetherItChangedTheValue) {
  for (const char* value : {"1\n", "1", "0"})
    EXPECT_EQ(WriteAsWriter(kConf + "nct0/forwarding", value), 0);
  ExpectWrites({"net.ipv4.conf.*.forwarding", "nct0"}, 3, 2);
  EXPECT_EQ(ValueOf({"net.ipv4.conf.*.forwarding", "nct0"}), 0);
}

TEST_F(Sysctl, CountsWritesByEverySystemCall) {
  const std::string path = kConf + "nct0/forwarding";
  const auto write_in_every_way = [&] {
    const int to = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    const int from = memfd_create("text", MFD_CLOEXEC);
    char one[] = "1\n", zero[] = "0\n";
    iovec piece = {zero, 2};
    if (pwrite(to, one, 2, 0) != 2) return 1;
    if (writev(to, &piece, 1) != 2) return 2;
    piece.iov_base = one;
    if (pwritev(to, &piece, 1, 0) != 2) return 3;
    piece.iov_base = zero;
    if (pwritev2(to, &piece, 1, 0, 0) != 2) return 4;
    if (write(from, one, 2) != 2 || lseek(from, 0, SEEK_SET) || lseek(to, 0, SEEK_SET)) return 5;
    if (sendfile(to, from, nullptr, 2) != 2) return 6;
    return 0;
  };
  EXPECT_EQ(ForkAs("writer", write_in_every_way).status, 0);
  ExpectWrites({"net.ipv4.conf.*.forwarding", "nct0"}, 5, 5);
}

TEST_F(Sysctl, CountsSettingsThatFlushTheRoutingCache) {
  EXPECT_EQ(WriteAsWriter(kConf + "nct1/promote_secondaries", "1"), 0);
  EXPECT_EQ(WriteAsWriter(kConf + "nct1/promote_secondaries", "1"), 0);
  ExpectWrites({"net.ipv4.conf.*.promote_secondaries", "nct1"}, 2, 1);
}

// Takes the kernel's lock on all network settings (rtnl) as often as possible, until `stop`.
// Returns the number of rounds; each changes the MTU.
int KeepTheLockBusy(const std::atomic<bool>& stop) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "nct0");
  int times = 0;
  for (; !stop; ++times) {
    request.ifr_mtu = 1400 + times % 2;
    ioctl(fd, SIOCSIFMTU, &request);
  }
  close(fd);
  return times;
}

// Writers that do not get the lock repeat their write by themselves (restart_syscall). That is one
// event.
TEST_F(Sysctl, CountsARestartedWriteOnce) {
  const int each = Load(400);
  const auto write_at_once = [=] {
    std::atomic<bool> stop = false;
    int times = 0;
    std::thread holder([&] { times = KeepTheLockBusy(stop); });
    std::vector<std::thread> writers;
    for (const std::string device : {"nct0", "nct1"}) {
      writers.emplace_back([=] {
        for (int i = 0; i < each; ++i) WriteFile(kConf + device + "/forwarding", i % 2 ? "0" : "1");
      });
    }
    for (auto& writer : writers) writer.join();
    stop = true;
    holder.join();
    std::printf("%d", times);
    return 0;
  };
  const RunResult run = ForkAs("writer", write_at_once);
  EXPECT_EQ(run.status, 0);
  const double times = std::stod(run.output);
  ExpectLink("mtu", "nct0", {times, times, "writer"});
  for (const char* device : {"nct0", "nct1"})
    ExpectWrites({"net.ipv4.conf.*.forwarding", device}, each, each);
}

int WriteParts(const std::string& file, const std::vector<std::string>& parts) {
  const int fd = open(file.c_str(), O_WRONLY);
  for (const std::string& part : parts)
    if (write(fd, part.data(), part.size()) < 0) return errno;
  return fd < 0 ? errno : close(fd);
}

// The kernel takes the first part and ignores the others: kernel.sysctl_writes_strict. Its value
// can be read, so the others are writes that change nothing.
TEST_F(Sysctl, KeepsTheValueOfTheFirstPartOfAWriteInSeveral) {
  const auto write = [] { return WriteParts(kConf + "nct0/rp_filter", {"2", "1", "\n"}); };
  EXPECT_EQ(ForkAs("writer", write).status, 0);
  ExpectWrites({"net.ipv4.conf.*.rp_filter", "nct0"}, 3, 1);
  EXPECT_EQ(ValueOf({"net.ipv4.conf.*.rp_filter", "nct0"}), 2);
}

// The kernel appends the later part to the list. So the first part alone is a change afterwards.
TEST_F(Sysctl, CountsAChangeIfTheNextWriteHasOnlyTheFirstPart) {
  const std::string file = kNet + "ipv4/ip_local_reserved_ports";
  const auto write = [&] { return WriteParts(file, {"10001", "10003"}); };
  EXPECT_EQ(ForkAs("writer", write).status, 0);
  for (const char* text : {"10001", "10001", "\n"}) EXPECT_EQ(WriteAsWriter(file, text), 0);
  ExpectWrites({"net.ipv4.ip_local_reserved_ports"}, 4, 3);
}

// A part that continues nothing: what is before it may have been written by another process.
TEST_F(Sysctl, CountsAPartWithoutAFirstPart) {
  const auto write = [] {
    const int fd = open((kNet + "ipv4/ip_local_reserved_ports").c_str(), O_WRONLY);
    return pwrite(fd, "10001", 5, 5) == 5 && pwrite(fd, "10003", 5, 5) == 5 ? close(fd) : errno;
  };
  EXPECT_EQ(ForkAs("writer", write).status, 0);
  EXPECT_EQ(WriteAsWriter(kNet + "ipv4/ip_local_reserved_ports", "\n"), 0);
  ExpectWrites({"net.ipv4.ip_local_reserved_ports"}, 3, 3);
}

TEST_F(Sysctl, CountsAWriteOfNothing) {
  const auto write = [] { return WriteParts(kConf + "nct0/arp_ignore", {"1", ""}); };
  EXPECT_EQ(ForkAs("writer", write).status, 0);
  ExpectWrites({"net.ipv4.conf.*.arp_ignore", "nct0"}, 2, 1);
  EXPECT_EQ(ValueOf({"net.ipv4.conf.*.arp_ignore", "nct0"}), 1);
}

TEST_F(Sysctl, CountsAWriteFromSeveralBuffers) {
  const auto write = [] {
    const int fd = open((kConf + "nct0/arp_announce").c_str(), O_WRONLY);
    char first[] = "0x", second[] = "2";
    const iovec vector[] = {{first, 2}, {second, 1}};
    return writev(fd, vector, 2) == 3 ? close(fd) : errno;
  };
  EXPECT_EQ(ForkAs("writer", write).status, 0);
  ExpectWrites({"net.ipv4.conf.*.arp_announce", "nct0"}, 1, 1);
  EXPECT_EQ(ValueOf({"net.ipv4.conf.*.arp_announce", "nct0"}), 2);
}

TEST_F(Sysctl, CountsExactlyWhenFourNamespacesWriteAtOnce) {
  const int rounds = Load(150);
  const std::vector<std::string> spaces = {"ncw0", "ncw1", "ncw2", "ncw3"};
  const std::vector<std::pair<std::string, Setting>> keys = {
      {"ipv4/conf/lo/rp_filter", {"net.ipv4.conf.*.rp_filter", "lo"}},
      {"ipv6/conf/all/accept_source_route", {"net.ipv6.conf.*.accept_source_route", "all"}},
      {"core/somaxconn", {"net.core.somaxconn"}},
      {"ipv4/ip_forward", {"net.ipv4.ip_forward"}},
  };
  for (const std::string& space : spaces)
    ASSERT_EQ(Execute({"ip", "netns", "add", space}).status, 0);
  const auto write_at_once = [&] {
    std::atomic<int> failed = 0;
    std::vector<std::thread> threads;
    for (const std::string& space : spaces) {
      threads.emplace_back([&, space] {
        failed += !EnterNetns(space);
        for (int i = 0; i < rounds; ++i)
          for (const auto& [file, write] : keys)
            failed += WriteFile(kNet + file, i % 2 ? "0" : "1") != 0;
      });
    }
    for (auto& thread : threads) thread.join();
    return failed.load();
  };
  EXPECT_EQ(ForkAs("writer", write_at_once).status, 0);
  for (const std::string& space : spaces) {
    for (auto [file, write] : keys) {
      write.netns = space;
      ExpectWrites(write, rounds, rounds);
    }
  }
  Scrape(port());  // looks up their names while they exist
  for (const std::string& space : spaces) Execute({"ip", "netns", "del", space});
}

// io_submit() does not return the result of the write. The syscall backend says that it lost one.
TEST_F(Sysctl, DoesNotGiveAnAsynchronousWriteTheResultOfAnotherCall) {
  ASSERT_EQ(WriteAsWriter(kConf + "nct0/tag", "0"), 0);
  ExpectWrites({"net.ipv4.conf.*.tag", "nct0"}, 1, 0);
  const RunResult run = ForkAs("aio", [] {
    const int fd = open((kConf + "nct0/tag").c_str(), O_WRONLY | O_CLOEXEC);
    aio_context_t context = 0;
    MUST(syscall(SYS_io_setup, 1, &context) == 0);
    iocb request{};
    request.aio_lio_opcode = IOCB_CMD_PWRITE;
    request.aio_fildes = fd;
    request.aio_buf = reinterpret_cast<std::uintptr_t>("7");
    request.aio_nbytes = 1;
    iocb* requests[] = {&request};
    MUST(syscall(SYS_io_submit, context, 1, requests) == 1);
    ioctl(fd, TCGETS, nullptr);  // fails with ENOTTY
    return 0;
  });
  EXPECT_EQ(run.status, 0) << run.output;
  EXPECT_EQ(ReadFile(kConf + "nct0/tag"), "7\n");
  if (BackendOf("sysctl") == "syscall")
    Expect("netchange_lost_updates_total", {{"collector", "sysctl"}});
  else
    ExpectWrites({"net.ipv4.conf.*.tag", "nct0", "aio"}, 1, 1);
}

}  // namespace
}  // namespace netchange::test
