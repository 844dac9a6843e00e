// SPDX-License-Identifier: Apache-2.0
// RPS and XPS of devices with two queues, on a machine with two CPUs.
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "changes.h"
#include "config_writes.h"

namespace netchange::test {
namespace {

using Json = nlohmann::json;

std::string QueueFile(const std::string& device, const std::string& queue,
                      const std::string& file) {
  return "/sys/class/net/" + device + "/queues/" + queue + "/" + file;
}

// A veth pair, each end with two receive and two transmit queues.
class TwoQueuePair {
 public:
  explicit TwoQueuePair(std::string name) : name_(std::move(name)) {
    const RunResult made =
        Execute({"ip", "link", "add", name_, "numrxqueues", "2", "numtxqueues", "2", "type", "veth",
                 "peer", "name", name_ + "p", "numrxqueues", "2", "numtxqueues", "2"});
    EXPECT_EQ(made.status, 0) << made.output;
  }
  ~TwoQueuePair() { Execute({"ip", "link", "del", name_}); }

 private:
  std::string name_;
};

class Queues : public ConfigWriteTest {
 protected:
  // Writes one text after the other. All writes must succeed.
  static void WriteAll(const std::string& path, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) EXPECT_EQ(WriteAsWriter(path, text), 0) << path << text;
  }

  static Setting Of(const std::string& file, const std::string& queue,
                    const std::string& device = "ncq0") {
    return {.setting = file, .device = device, .queue = queue};
  }

  TwoQueuePair pair_{"ncq0"};
};

// The same mask in another spelling is the same value.
TEST_F(Queues, CountsRpsMasksAndWhetherTheyChanged) {
  WriteAll(QueueFile("ncq0", "rx-0", "rps_cpus"), {"1", "3\n", "3", "00000003\n", "2", "0"});
  WriteAll(QueueFile("ncq0", "rx-1", "rps_cpus"), {"2", "2"});
  WriteAll(QueueFile("ncq0p", "rx-1", "rps_cpus"), {"0", "1"});
  ExpectWrites(Of("rps_cpus", "rx-0"), 6, 4);
  ExpectWrites(Of("rps_cpus", "rx-1"), 2, 1);
  ExpectWrites(Of("rps_cpus", "rx-1", "ncq0p"), 2, 1);
  EXPECT_EQ(ValueOf(Of("rps_cpus", "rx-1")), std::nullopt) << "a mask is no number";
}

// The kernel rounds up to a power of two: 1000 after 1024 changes nothing.
TEST_F(Queues, CountsRpsFlowTablesAndTheirSize) {
  const std::string file = QueueFile("ncq0", "rx-1", "rps_flow_cnt");
  WriteAll(file, {"1024\n", "1000", "0x400"});
  EXPECT_EQ(ValueOf(Of("rps_flow_cnt", "rx-1")), 1024);
  WriteAll(file, {"64", "1", "0", "0"});
  EXPECT_EQ(ValueOf(Of("rps_flow_cnt", "rx-1")), 0);
  ExpectWrites(Of("rps_flow_cnt", "rx-1"), 7, 4);
}

// The queue list of a CPU changes with each queue's mask; a queue's mask changes only by its own
// writes.
TEST_F(Queues, CountsXpsMasksOfEachQueue) {
  WriteAll(QueueFile("ncq0", "tx-0", "xps_cpus"), {"0", "1", "3", "00000003", "2"});
  WriteAll(QueueFile("ncq0", "tx-1", "xps_cpus"), {"3", "1", "1\n"});
  WriteAll(QueueFile("ncq0", "tx-0", "xps_cpus"), {"2", "0", "0"});
  ExpectWrites(Of("xps_cpus", "tx-0"), 8, 4);
  ExpectWrites(Of("xps_cpus", "tx-1"), 3, 2);
  EXPECT_EQ(ValueOf(Of("xps_cpus", "tx-1")), std::nullopt) << "a mask is no number";
}

TEST_F(Queues, CountsXpsByReceiveQueue) {
  WriteAll(QueueFile("ncq0", "tx-1", "xps_rxqs"), {"1", "1", "3", "2", "0"});
  WriteAll(QueueFile("ncq0", "tx-0", "xps_rxqs"), {"2"});
  ExpectWrites(Of("xps_rxqs", "tx-1"), 5, 4);
  ExpectWrites(Of("xps_rxqs", "tx-0"), 1, 1);
}

TEST_F(Queues, CountsRefusedWritesByErrno) {
  EXPECT_EQ(WriteAsWriter(QueueFile("ncq0", "rx-0", "rps_cpus"), "cpu0"), EINVAL);
  EXPECT_EQ(WriteAsWriter(QueueFile("ncq0", "rx-0", "rps_cpus"), "1,00000000,00000001"), EOVERFLOW);
  EXPECT_EQ(WriteAsWriter(QueueFile("ncq0", "rx-0", "rps_flow_cnt"), "-1"), EINVAL);
  EXPECT_EQ(WriteAsWriter(QueueFile("ncq0", "tx-0", "xps_cpus"), "x"), EINVAL);
  EXPECT_EQ(WriteAsWriter(QueueFile("ncq0", "tx-0", "xps_rxqs"), "x"), EINVAL);
  ExpectRefused(Of("rps_cpus", "rx-0"), EINVAL);
  ExpectRefused(Of("rps_cpus", "rx-0"), EOVERFLOW);
  ExpectRefused(Of("rps_flow_cnt", "rx-0"), EINVAL);
  ExpectRefused(Of("xps_cpus", "tx-0"), EINVAL);
  ExpectRefused(Of("xps_rxqs", "tx-0"), EINVAL);
}

TEST_F(Queues, CountsWritesWithoutTheRight) {
  for (const char* file : {"rps_cpus", "rps_flow_cnt"}) {
    EXPECT_EQ(WriteWithoutNetAdmin(QueueFile("ncq0", "rx-0", file), "1"), EPERM);
    ExpectRefused(Of(file, "rx-0"), EPERM);
  }
  for (const char* file : {"xps_cpus", "xps_rxqs"}) {
    EXPECT_EQ(WriteWithoutNetAdmin(QueueFile("ncq0", "tx-0", file), "1"), EPERM);
    ExpectRefused(Of(file, "tx-0"), EPERM);
  }
}

// Hardware devices, with one queue of each kind.
TEST_F(Queues, CountsDevicesWithDrivers) {
  SKIP_WITHOUT_DEVICE("eth0");
  SKIP_WITHOUT_DEVICE("eth1");
  for (const std::string device : {"eth0", "eth1"}) {
    WriteAll(QueueFile(device, "rx-0", "rps_cpus"), {"2", "2", "0"});
    ExpectWrites(Of("rps_cpus", "rx-0", device), 3, 2);
  }
  // With one queue only, kernels hide the file or refuse the write.
  const std::string file = QueueFile("eth1", "tx-0", "xps_cpus");
  struct stat status {};
  const bool has_file = stat(file.c_str(), &status) == 0;
  EXPECT_EQ(WriteAsWriter(file, "1"), ENOENT);
  if (has_file) ExpectRefused(Of("xps_cpus", "tx-0", "eth1"), ENOENT);
}

TEST_F(Queues, CountsNothingWhenTheyAreOnlyRead) {
  EXPECT_EQ(ReadFile(QueueFile("ncq0", "rx-0", "rps_cpus")), "0\n");
  EXPECT_EQ(ReadFile(QueueFile("ncq0", "tx-0", "xps_cpus")), "0\n");
}

// Four shells at once, each in its own namespace, with devices of the same name.
TEST_F(Queues, CountsEachOfFourNamespacesOnItsOwn) {
  const int each = Load(25);
  const std::string script =
      "i=0; while [ $i -lt " + std::to_string(each) +
      " ]; do echo 1 > $0/rx-0/rps_cpus && echo 2 > $0/rx-0/rps_cpus && echo 3 > $0/tx-1/xps_cpus"
      " && echo 3 > $0/tx-1/xps_cpus || exit 1; i=$((i + 1)); done";
  const std::vector<std::string> names = {"ncqns1", "ncqns2", "ncqns3", "ncqns4"};
  for (const std::string& netns : names) {
    ASSERT_EQ(Execute({"ip", "netns", "add", netns}).status, 0);
    ASSERT_EQ(Execute({"ip", "-n", netns, "link", "add", "v0", "numrxqueues", "2", "numtxqueues",
                       "2", "type", "veth", "peer", "name", "v1"})
                  .status,
              0);
  }
  std::vector<std::thread> shells;
  for (const std::string& netns : names) {
    shells.emplace_back([netns, &script] {
      const RunResult run =
          Execute({"ip", "netns", "exec", netns, "sh", "-c", script, "/sys/class/net/v0/queues"});
      EXPECT_EQ(run.status, 0) << run.output;
    });
  }
  for (auto& shell : shells) shell.join();
  Scrape(port());  // looks up the names
  for (const std::string& netns : names) {
    ExpectWrites({"rps_cpus", "v0", "sh", netns, "rx-0"}, 2 * each, 2 * each);
    ExpectWrites({"xps_cpus", "v0", "sh", netns, "tx-1"}, 2 * each, 1);
    EXPECT_EQ(Execute({"ip", "netns", "del", netns}).status, 0);
  }
}

// Takes the kernel's lock on all network settings (rtnl) as often as possible, until `stop`.
void KeepTheLockBusy(const std::atomic<bool>& stop) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "ncq0");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  for (std::uint32_t i = 0; !stop; ++i) {
    address.sin_addr.s_addr = htonl(0xc0000201 + i % 2);  // 192.0.2.1: for documentation only
    std::memcpy(&request.ifr_addr, &address, sizeof(address));
    ioctl(fd, SIOCSIFADDR, &request);
  }
  close(fd);
}

// Writers that do not get the lock repeat their write by themselves (restart_syscall).
TEST_F(Queues, CountsARestartedWriteOnce) {
  const int each = Load(200);
  const auto write_at_once = [=] {
    std::atomic<bool> stop = false;
    std::thread holder([&] { KeepTheLockBusy(stop); });
    std::vector<std::thread> writers;
    for (const std::string queue : {"tx-0", "tx-1"}) {
      writers.emplace_back([=] {
        for (int i = 0; i < each; ++i)
          WriteFile(QueueFile("ncq0", queue, "xps_cpus"), i % 2 ? "0" : "1");
      });
    }
    for (auto& writer : writers) writer.join();
    stop = true;
    holder.join();
    return 0;
  };
  EXPECT_EQ(ForkAs("writer", write_at_once).status, 0);
  for (const char* queue : {"tx-0", "tx-1"}) ExpectWrites(Of("xps_cpus", queue), each, each);
}

// Only the events; the counters are tested above.
class QueueEvents : public testing::Test {
 protected:
  static std::vector<Json> EventsOf(const std::string& path,
                                    const std::vector<std::string>& texts) {
    const RunResult run = ForkAs("writer", [&] {
      for (const std::string& text : texts) WriteFile(path, text);
      return 0;
    });
    return test::EventsOf(run.pid, texts.size());
  }

  TwoQueuePair pair_{"ncq1"};
};

void ExpectEvent(const Json& event, const Json& old_value, const Json& new_value,
                 const std::string& result, bool changed) {
  EXPECT_EQ(event["old"], old_value) << event;
  EXPECT_EQ(event["new"], new_value) << event;
  EXPECT_EQ(event["result"], result) << event;
  EXPECT_EQ(event["changed"], changed) << event;
}

TEST_F(QueueEvents, ShowOldAndNewMask) {
  const auto events =
      EventsOf(QueueFile("ncq1", "tx-1", "xps_cpus"), {"2", "00000003", "nonsense", "3", "0"});
  ASSERT_EQ(events.size(), 5U);
  EXPECT_EQ(events[0]["collector"], "queues");
  EXPECT_EQ(events[0]["device"], "ncq1");
  EXPECT_EQ(events[0]["kind"], "xps");
  EXPECT_EQ(events[0]["setting"], "xps_cpus");
  EXPECT_EQ(events[0]["queue"], "tx-1");
  EXPECT_EQ(events[0]["process"], "writer");
  ExpectEvent(events[0], "0", "2", "ok", true);
  ExpectEvent(events[1], "2", "3", "ok", true);
  ExpectEvent(events[2], "3", "nonsense", "EINVAL", false);
  ExpectEvent(events[3], "3", "3", "ok", false);
  ExpectEvent(events[4], "3", "0", "ok", true);
}

TEST_F(QueueEvents, ShowOldAndNewOfReceiveQueues) {
  const auto masks = EventsOf(QueueFile("ncq1", "rx-0", "rps_cpus"), {"3", "1"});
  ASSERT_EQ(masks.size(), 2U);
  ExpectEvent(masks[0], "0", "3", "ok", true);
  ExpectEvent(masks[1], "3", "1", "ok", true);
  const auto sizes = EventsOf(QueueFile("ncq1", "rx-0", "rps_flow_cnt"), {"1000", "0"});
  ASSERT_EQ(sizes.size(), 2U);
  ExpectEvent(sizes[0], 0, 1024, "ok", true);
  ExpectEvent(sizes[1], 1024, 0, "ok", true);
}

}  // namespace
}  // namespace netchange::test
