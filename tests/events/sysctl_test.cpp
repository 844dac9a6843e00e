// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "event_test.h"

namespace netchange::test {
namespace {

const std::string kConf = "/proc/sys/net/ipv4/conf/";

class Sysctl : public EventTest {
 protected:
  struct Write {
    std::string setting;
    std::string device = "";
    std::string netns = "";
    std::string comm = "writer";
  };

  static Labels LabelsOf(const Write& w, const std::string& error = "") {
    return {{"device", w.device}, {"netns", w.netns},
            {"comm", w.comm},     {"parent_comm", "event_tests"},
            {"kind", "sysctl"},   {"setting", w.setting},
            {"errno", error}};
  }

  void ExpectWrites(const Write& w, double writes, double changes) {
    Expect("netchange_config_writes_total", LabelsOf(w), writes);
    if (changes) Expect("netchange_config_changes_total", LabelsOf(w), changes);
  }

  void ExpectRefused(const Write& w, const std::string& error) {
    Expect("netchange_config_writes_total", LabelsOf(w));
    Expect("netchange_config_write_errors_total", LabelsOf(w, error));
  }

  // By a process of its own; 0 or the errno.
  static int WriteAs(const std::string& comm, const std::string& path, const std::string& text) {
    return ForkAs(comm, [&] { return WriteFile(path, text); }).status;
  }

  static void ExpectValue(const std::string& setting, const std::string& device, double value) {
    const Page page = Scrape(port());
    const auto found = page.find(Series(
        "netchange_config_value", {{"kind", "sysctl"}, {"setting", setting}, {"device", device}}));
    ASSERT_NE(found, page.end()) << setting;
    EXPECT_EQ(found->second, value) << setting;
  }

  VethPair pair_{"nct0", "nct1"};
};

TEST_F(Sysctl, CountsAWriteToADeviceAndWhetherItChangedTheValue) {
  for (const char* value : {"1\n", "1", "0"})
    EXPECT_EQ(WriteAs("writer", kConf + "nct0/forwarding", value), 0);
  ExpectWrites({"net.ipv4.conf.*.forwarding", "nct0"}, 3, 2);
  ExpectValue("net.ipv4.conf.*.forwarding", "nct0", 0);
}

TEST_F(Sysctl, CountsAWriteByWhateverSystemCall) {
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

TEST_F(Sysctl, NamesTheProcessThatTheRealProgramIs) {
  EXPECT_EQ(Execute({"sysctl", "-q", "-w", "net.ipv4.conf.nct0.rp_filter=2"}).status, 0);
  EXPECT_EQ(Execute({"sysctl", "-q", "-w", "net.ipv4.conf.nct0.rp_filter=0"}).status, 0);
  ExpectWrites({"net.ipv4.conf.*.rp_filter", "nct0", "", "sysctl"}, 2, 2);
}

TEST_F(Sysctl, CountsAllAndDefaultAsDevicesOfTheirOwn) {
  EXPECT_EQ(WriteAs("writer", kConf + "all/accept_source_route", "1"), 0);
  EXPECT_EQ(WriteAs("writer", kConf + "all/accept_source_route", "0"), 0);
  EXPECT_EQ(WriteAs("writer", kConf + "default/log_martians", "1"), 0);
  EXPECT_EQ(WriteAs("writer", kConf + "default/log_martians", "0"), 0);
  ExpectWrites({"net.ipv4.conf.*.accept_source_route", "all"}, 2, 2);
  ExpectWrites({"net.ipv4.conf.*.log_martians", "default"}, 2, 2);
}

TEST_F(Sysctl, CountsSettingsThatFlushTheRoutingCache) {
  EXPECT_EQ(WriteAs("writer", kConf + "nct1/promote_secondaries", "1"), 0);
  EXPECT_EQ(WriteAs("writer", kConf + "nct1/promote_secondaries", "1"), 0);
  ExpectWrites({"net.ipv4.conf.*.promote_secondaries", "nct1"}, 2, 1);
}

// The same switch under two names: each write is counted under the name that was written, and once,
// whatever number of devices it changes.
TEST_F(Sysctl, CountsForwardingOfAllUnderTheNameThatWasWritten) {
  EXPECT_EQ(WriteAs("writer", "/proc/sys/net/ipv4/ip_forward", "1"), 0);
  EXPECT_EQ(WriteAs("writer", kConf + "all/forwarding", "1"), 0);
  EXPECT_EQ(WriteAs("writer", kConf + "all/forwarding", "0"), 0);
  EXPECT_EQ(WriteAs("writer", "/proc/sys/net/ipv4/ip_forward", "0"), 0);
  ExpectWrites({"net.ipv4.ip_forward"}, 2, 1);
  ExpectWrites({"net.ipv4.conf.*.forwarding", "all"}, 2, 1);
  ExpectValue("net.ipv4.ip_forward", "", 0);
}

TEST_F(Sysctl, CountsARefusedValueAsAnError) {
  EXPECT_EQ(WriteAs("writer", kConf + "nct0/forwarding", "maybe"), EINVAL);
  EXPECT_EQ(WriteAs("writer", kConf + "nct0/rp_filter", "-"), EINVAL);
  ExpectRefused({"net.ipv4.conf.*.forwarding", "nct0"}, "EINVAL");
  ExpectRefused({"net.ipv4.conf.*.rp_filter", "nct0"}, "EINVAL");
}

TEST_F(Sysctl, CountsNothingWhenItIsOnlyRead) {
  EXPECT_EQ(Execute({"sysctl", "net.ipv4.conf.nct0.forwarding", "net.ipv4.ip_forward"}).status, 0);
}

TEST_F(Sysctl, CountsEachNamespaceOnItsOwn) {
  for (const std::string netns : {"ncns1", "ncns2"}) {
    ASSERT_EQ(Execute({"ip", "netns", "add", netns}).status, 0);
    EXPECT_EQ(ExecuteIn(netns, {"sysctl", "-q", "-w", "net.ipv4.conf.lo.rp_filter=1"}).status, 0);
    EXPECT_EQ(ExecuteIn(netns, {"sysctl", "-q", "-w", "net.ipv4.ip_forward=1"}).status, 0);
    ExpectWrites({"net.ipv4.conf.*.rp_filter", "lo", netns, "sysctl"}, 1, 1);
    ExpectWrites({"net.ipv4.ip_forward", "", netns, "sysctl"}, 1, 1);
    ASSERT_EQ(Execute({"ip", "netns", "del", netns}).status,
              0);  // the next one may get the same inode number
  }
}

TEST_F(Sysctl, KeepsTheNameOfADeviceThatIsGone) {
  {
    const VethPair gone("ncgone0", "ncgone1");
    EXPECT_EQ(WriteAs("writer", kConf + "ncgone0/arp_announce", "2"), 0);
  }
  ExpectWrites({"net.ipv4.conf.*.arp_announce", "ncgone0"}, 1, 1);
}

// Takes the kernel's lock on all network settings (rtnl) as often as it can, until it is told to
// stop.
void KeepTheLockBusy(const std::atomic<bool>& stop) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "nct0");
  for (int i = 0; !stop; ++i) {
    request.ifr_mtu = 1400 + i % 2;
    ioctl(fd, SIOCSIFMTU, &request);
  }
  close(fd);
}

// Writers that do not get that lock repeat their write by themselves (restart_syscall): still one
// event.
TEST_F(Sysctl, CountsOneForAWriteThatTheKernelRestarts) {
  constexpr int kEach = 400;
  const auto write_at_once = [] {
    std::atomic<bool> stop = false;
    std::thread holder([&] { KeepTheLockBusy(stop); });
    std::vector<std::thread> writers;
    for (const std::string device : {"nct0", "nct1"}) {
      writers.emplace_back([device] {
        for (int i = 0; i < kEach; ++i)
          WriteFile(kConf + device + "/forwarding", i % 2 ? "0" : "1");
      });
    }
    for (auto& writer : writers) writer.join();
    stop = true;
    holder.join();
    return 0;
  };
  EXPECT_EQ(ForkAs("writer", write_at_once).status, 0);
  for (const char* device : {"nct0", "nct1"})
    ExpectWrites({"net.ipv4.conf.*.forwarding", device}, kEach, kEach);
}

}  // namespace
}  // namespace netchange::test
