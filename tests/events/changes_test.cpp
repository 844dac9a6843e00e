// SPDX-License-Identifier: Apache-2.0
// Old and new values in the events of each collector.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "changes.h"
#include "event_test.h"

namespace netchange::test {
namespace {

using Json = nlohmann::json;

TEST(Changes, ShowOldAndNewValueOfAWrite) {
  const RunResult run = ForkAs("writer", [] {
    const std::string path = "/proc/sys/net/ipv4/conf/";
    WriteFile(path + "all/forwarding", "1\n");
    WriteFile(path + "lo/rp_filter", "junk\x1b[2J");
    WriteFile(path + "all/forwarding", "0\n");
    return 0;
  });
  const auto events = EventsOf(run.pid, 3);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0]["process"], "writer");
  EXPECT_EQ(events[0]["parent_pid"], getpid());
  EXPECT_EQ(events[0]["parent"], "event_tests");
  EXPECT_EQ(events[0]["uid"], 0);
  EXPECT_EQ(events[0]["exe"], std::filesystem::read_symlink("/proc/self/exe").string());
  EXPECT_EQ(events[0]["setting"], "net.ipv4.conf.*.forwarding");
  EXPECT_EQ(events[0]["device"], "all");
  EXPECT_EQ(events[0]["old"], 0);
  EXPECT_EQ(events[0]["new"], 1);
  EXPECT_EQ(events[0]["changed"], true);
  EXPECT_EQ(events[0]["every_device"], true);
  EXPECT_EQ(events[1]["result"], "EINVAL");
  EXPECT_EQ(events[1]["new"], "junk\\x1b[2J");
  EXPECT_EQ(events[1]["changed"], false);
  EXPECT_EQ(events[2]["old"], 1);
  EXPECT_EQ(events[2]["new"], 0);
}

TEST(Changes, ShowOldAndNewValueOfALinksSettings) {
  struct Told {
    std::string setting, device;
    nlohmann::json old_value, new_value;
    std::string result;
  };
  const Told told[] = {
      {"mtu", "ncw0", 1500, 1400, "ok"},
      {"mtu", "ncw0", 1400, 1400, "ok"},
      {"mtu", "ncw0", 1400, 10, "EINVAL"},
      {"txqueuelen", "ncw0", 1000, 50, "ok"},
      {"address", "ncw0", "02:00:00:00:00:01", "02:00:00:00:00:02", "ok"},
      {"address", "ncw0", "02:00:00:00:00:02", "01:00:00:00:00:03", "EADDRNOTAVAIL"},
      {"name", "ncw0", "ncw0", "ncwx", "ok"},
      {"name", "ncwx", "ncwx", "ncw1", "EEXIST"},
      {"flags", "ncwx", "BROADCAST,MULTICAST", "UP,BROADCAST,MULTICAST", "ok"},
      {"flags", "ncwx", "UP,BROADCAST,MULTICAST", "UP,BROADCAST,PROMISC,MULTICAST", "ok"},
  };
  const VethPair pair("ncw1", "ncw0");
  ASSERT_EQ(Execute({"ip", "link", "set", "ncw0", "address", "02:00:00:00:00:01"}).status, 0);
  std::ofstream("/tmp/batch") << "link set ncw0 mtu 1400\nlink set ncw0 mtu 1400\n"
                                 "link set ncw0 mtu 10\nlink set ncw0 txqueuelen 50\n"
                                 "link set ncw0 address 02:00:00:00:00:02\n"
                                 "link set ncw0 address 01:00:00:00:00:03\n"
                                 "link set ncw0 name ncwx\nlink set ncwx name ncw1\n"
                                 "link set ncwx up\nlink set ncwx promisc on\n";
  const auto events =
      EventsOf(Execute({"ip", "-force", "-batch", "/tmp/batch"}).pid, std::size(told));
  ASSERT_EQ(events.size(), std::size(told));
  for (std::size_t i = 0; i < std::size(told); ++i) {
    EXPECT_EQ(events[i]["collector"], "link");
    EXPECT_EQ(events[i]["kind"], "link");
    EXPECT_EQ(events[i]["setting"], told[i].setting) << i;
    EXPECT_EQ(events[i]["device"], told[i].device) << i;
    EXPECT_EQ(events[i]["old"], told[i].old_value) << i;
    EXPECT_EQ(events[i]["new"], told[i].new_value) << i;
    EXPECT_EQ(events[i]["result"], told[i].result) << i;
    EXPECT_EQ(events[i]["changed"],
              told[i].result == "ok" && told[i].old_value != told[i].new_value)
        << i;
  }
}

TEST(Changes, ShowTheKindOfTheRootQdisc) {
  const VethPair pair("ncw0", "ncw1");
  ASSERT_EQ(Execute({"ip", "link", "set", "ncw0", "up"}).status, 0);
  std::ofstream("/tmp/batch") << "qdisc add dev ncw0 root pfifo\n"
                                 "qdisc add dev ncw0 root pfifo\n"
                                 "qdisc replace dev ncw0 root bfifo\n"
                                 "qdisc del dev ncw0 root\nqdisc del dev ncw0 root\n";
  const auto events = EventsOf(Execute({"tc", "-force", "-batch", "/tmp/batch"}).pid, 5);
  ASSERT_EQ(events.size(), 5U);
  const std::vector<std::string> values[] = {{"noqueue", "pfifo", "ok"},
                                             {"pfifo", "pfifo", "EEXIST"},
                                             {"pfifo", "bfifo", "ok"},
                                             {"bfifo", "noqueue", "ok"},
                                             {"noqueue", "", "ENOENT"}};
  for (std::size_t i = 0; i < std::size(values); ++i) {
    EXPECT_EQ(events[i]["setting"], "qdisc");
    EXPECT_EQ(events[i]["device"], "ncw0");
    EXPECT_EQ(events[i]["old"], values[i][0]) << i;
    EXPECT_EQ(events[i].value("new", ""), values[i][1]) << i;
    EXPECT_EQ(events[i]["result"], values[i][2]) << i;
  }
}

TEST(Changes, ShowTheOldProgramOfADetach) {
  const VethPair pair("ncw0", "ncw1");
  const std::string programs = BesideTheTests("programs.bpf.o");
  const RunResult on = Execute(
      {"ip", "link", "set", "dev", "ncw0", "xdpgeneric", "obj", programs, "sec", "xdp/first"});
  const RunResult off = Execute({"ip", "link", "set", "dev", "ncw0", "xdpgeneric", "off"});
  const auto attached = EventsOf(on.pid, 1);
  const auto detached = EventsOf(off.pid, 1);
  ASSERT_EQ(attached.size(), 1U);
  ASSERT_EQ(detached.size(), 1U);
  EXPECT_EQ(attached[0]["operation"], "attach");
  EXPECT_EQ(attached[0]["mode"], "generic");
  EXPECT_FALSE(attached[0].contains("old_program"));
  EXPECT_EQ(attached[0]["new_program"], "first_prog");
  EXPECT_EQ(detached[0]["operation"], "detach");
  EXPECT_EQ(detached[0]["old_program"], "first_prog");
  EXPECT_EQ(detached[0]["old_program_id"], attached[0]["new_program_id"]);
  EXPECT_FALSE(detached[0].contains("new_program"));
}

}  // namespace
}  // namespace netchange::test
