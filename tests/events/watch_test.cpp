// SPDX-License-Identifier: Apache-2.0
// `watch` beside a running daemon: every fact of an event, taken in the kernel.
#include <linux/ethtool.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "ethtool_client.h"
#include "event_test.h"
#include "programs.skel.h"

namespace netchange::test {
namespace {

using Json = nlohmann::json;

class Watch : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    watch_ = new Child({DaemonPath(), "watch", "--output=json", "--backend=" + Backend()},
                       "/tmp/watch.json");
    text_ = new Child({DaemonPath(), "watch", "--backend=" + Backend()}, "/tmp/watch.text");
    // They tell nothing when they are ready but what they then see.
    for (int i = 0; i < 600 && (watch_->Output().find("ETHTOOL") == std::string::npos ||
                                text_->Output().find("ETHTOOL") == std::string::npos);
         ++i) {
      Execute({"ethtool", "-i", "lo"});
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(watch_->Stop(SIGTERM), 0);
    EXPECT_EQ(text_->Stop(SIGINT), 0);
    delete watch_;
    delete text_;
  }

  // The events that a process made, once there are as many.
  static std::vector<Json> EventsOf(pid_t pid, std::size_t count) {
    std::vector<Json> events;
    for (int i = 0; i < 100 && events.size() < count; ++i) {
      events.clear();
      std::istringstream lines(watch_->Output());
      for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line[0] != '{') continue;
        Json event = Json::parse(line, nullptr, false);
        if (!event.is_discarded() && event["pid"] == pid) events.push_back(std::move(event));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return events;
  }

  // What `watch` has said on standard error.
  static std::size_t LostEvents() {
    std::size_t lost = 0;
    std::istringstream words(watch_->Output());
    for (std::string word; words >> word;) {
      if (word.starts_with("lost=")) lost += std::stoul(word.substr(5));
    }
    return lost;
  }

  // The line of text that has all these words, once it is there.
  static std::string LineWith(const std::vector<std::string>& words) {
    for (int i = 0; i < 100; ++i) {
      std::istringstream lines(text_->Output());
      for (std::string line; std::getline(lines, line);) {
        const bool all = std::all_of(words.begin(), words.end(), [&](const auto& w) {
          return line.find(w) != std::string::npos;
        });
        if (all) return line;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return "";
  }

  inline static Child* watch_ = nullptr;
  inline static Child* text_ = nullptr;
};

TEST_F(Watch, TellsAllOfAProcessThatIsAlreadyGone) {
  const RunResult run = Execute({"ethtool", "-i", "lo"});
  const auto events = EventsOf(run.pid, 1);
  ASSERT_EQ(events.size(), 1U);
  const Json& event = events[0];
  EXPECT_EQ(event["collector"], "ethtool");
  EXPECT_EQ(event["device"], "lo");
  EXPECT_EQ(event["netns"], OwnNetns());
  EXPECT_EQ(event["process"], "ethtool");
  EXPECT_EQ(event["parent_pid"], getpid());
  EXPECT_EQ(event["parent"], "event_tests");
  EXPECT_EQ(event["uid"], 0);
  EXPECT_EQ(event["exe"], "/usr/sbin/ethtool");
  EXPECT_EQ(event["result"], "EOPNOTSUPP");
  EXPECT_EQ(event["command"], "ETHTOOL_GDRVINFO");
  EXPECT_EQ(event["option"], "-d,-e,-E,-i");
  EXPECT_EQ(event["access"], "get");
  EXPECT_EQ(event["transport"], "ioctl");
  EXPECT_GT(event["duration_seconds"], 0.0);
  EXPECT_LT(event["duration_seconds"], 1.0);
}

TEST_F(Watch, TellsTheUserOfAnEventAndThePathThroughMounts) {
  ASSERT_EQ(Execute({"mkdir", "-p", "/tmp/mounted/bin"}).status, 0);
  ASSERT_EQ(Execute({"mount", "-t", "tmpfs", "none", "/tmp/mounted/bin"}).status, 0);
  ASSERT_EQ(Execute({"cp", "/usr/sbin/ethtool", "/tmp/mounted/bin/other-name"}).status, 0);
  const RunResult run = ForkAs("any", [] {
    if (setuid(65534)) return 1;
    execl("/tmp/mounted/bin/other-name", "other-name", "-i", "lo", nullptr);
    return 2;
  });
  const auto events = EventsOf(run.pid, 1);
  Execute({"umount", "/tmp/mounted/bin"});
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0]["uid"], 65534);
  EXPECT_EQ(events[0]["process"], "other-name");
  EXPECT_EQ(events[0]["exe"], "/tmp/mounted/bin/other-name");
}

TEST_F(Watch, TellsOldAndNewValueOfAWrite) {
  const RunResult run = ForkAs("writer", [] {
    const std::string path = "/proc/sys/net/ipv4/conf/";
    WriteFile(path + "all/forwarding", "1\n");
    WriteFile(path + "lo/rp_filter", "junk\x1b[2J");
    WriteFile(path + "all/forwarding", "0\n");
    return 0;
  });
  const auto events = EventsOf(run.pid, 3);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0]["setting"], "net.ipv4.conf.*.forwarding");
  EXPECT_EQ(events[0]["device"], "all");
  EXPECT_EQ(events[0]["old"], "0");
  EXPECT_EQ(events[0]["new"], "1");
  EXPECT_EQ(events[0]["changed"], "true");
  EXPECT_EQ(events[0]["every_device"], "true");
  EXPECT_EQ(events[1]["result"], "EINVAL");
  EXPECT_EQ(events[1]["new"], "\"junk\\x1b[2J\"");
  EXPECT_EQ(events[1]["changed"], "false");
  EXPECT_EQ(events[2]["old"], "1");
  EXPECT_EQ(events[2]["new"], "0");
}

TEST_F(Watch, TellsOldAndNewValueOfALinksSettings) {
  struct Told {
    std::string setting, device, old_value, new_value, result;
  };
  const Told told[] = {
      {"mtu", "ncw0", "1500", "1400", "ok"},
      {"mtu", "ncw0", "1400", "1400", "ok"},
      {"mtu", "ncw0", "1400", "\"10\"", "EINVAL"},
      {"txqueuelen", "ncw0", "1000", "50", "ok"},
      {"address", "ncw0", "02:00:00:00:00:01", "02:00:00:00:00:02", "ok"},
      {"address", "ncw0", "02:00:00:00:00:02", "\"01:00:00:00:00:03\"", "EADDRNOTAVAIL"},
      {"name", "ncw0", "ncw0", "ncwx", "ok"},
      {"name", "ncwx", "ncwx", "\"ncw1\"", "EEXIST"},
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
              told[i].result == "ok" && told[i].old_value != told[i].new_value ? "true" : "false")
        << i;
  }
}

TEST_F(Watch, TellsTheKindOfTheRootQdisc) {
  const VethPair pair("ncw0", "ncw1");
  ASSERT_EQ(Execute({"ip", "link", "set", "ncw0", "up"}).status, 0);
  std::ofstream("/tmp/batch") << "qdisc add dev ncw0 root pfifo\n"
                                 "qdisc add dev ncw0 root pfifo\n"
                                 "qdisc replace dev ncw0 root bfifo\n"
                                 "qdisc del dev ncw0 root\nqdisc del dev ncw0 root\n";
  const auto events = EventsOf(Execute({"tc", "-force", "-batch", "/tmp/batch"}).pid, 5);
  ASSERT_EQ(events.size(), 5U);
  const std::vector<std::string> values[] = {{"noqueue", "pfifo", "ok"},
                                             {"pfifo", "\"pfifo\"", "EEXIST"},
                                             {"pfifo", "bfifo", "ok"},
                                             {"bfifo", "noqueue", "ok"},
                                             {"noqueue", "\"\"", "ENOENT"}};
  for (std::size_t i = 0; i < std::size(values); ++i) {
    EXPECT_EQ(events[i]["setting"], "qdisc");
    EXPECT_EQ(events[i]["device"], "ncw0");
    EXPECT_EQ(events[i]["old"], values[i][0]) << i;
    EXPECT_EQ(events[i]["new"], values[i][1]) << i;
    EXPECT_EQ(events[i]["result"], values[i][2]) << i;
  }
}

TEST_F(Watch, TellsWhichProgramLeftOnADetach) {
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
  EXPECT_EQ(attached[0]["old_program"], "");
  EXPECT_EQ(attached[0]["new_program"], "first_prog");
  EXPECT_EQ(detached[0]["operation"], "detach");
  EXPECT_EQ(detached[0]["old_program"], "first_prog");
  EXPECT_EQ(detached[0]["old_program_id"], attached[0]["new_program_id"]);
  EXPECT_EQ(detached[0]["new_program"], "");
}

// While the reader stands still the ring fills up. What finds no room in it is told: nothing is
// missing unsaid.
TEST_F(Watch, SaysHowManyEventsItLost) {
  constexpr std::size_t kEvents = 3000;  // the ring has room for about a thousand
  kill(watch_->pid(), SIGSTOP);
  const RunResult run = ForkAs("burst", [] {
    for (std::size_t i = 0; i < kEvents; ++i) EthtoolIoctl("lo", ETHTOOL_GLINK);
    return 0;
  });
  kill(watch_->pid(), SIGCONT);
  std::size_t seen = 0, lost = 0;
  for (int i = 0; i < 100 && seen + lost < kEvents; ++i) {
    seen = EventsOf(run.pid, 1).size();
    lost = LostEvents();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_GT(seen, 500U);
  EXPECT_GT(lost, 500U);
  EXPECT_EQ(seen + lost, kEvents);
}

TEST_F(Watch, PrintsOneReadableLineForPeople) {
  const RunResult run = ForkAs("bad\x1b[2Jname", [] { return EthtoolIoctl("lo", ETHTOOL_GLINK); });
  const std::string line = LineWith({" " + std::to_string(run.pid) + " bad", "ETHTOOL_GLINK"});
  EXPECT_NE(line.find("bad\\x1b[2Jname"), std::string::npos) << line;
  EXPECT_NE(line.find(" lo"), std::string::npos) << line;
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace netchange::test
