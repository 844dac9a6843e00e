// SPDX-License-Identifier: Apache-2.0
// `watch` beside a running exporter: all data of an event comes from the kernel side.
#include <linux/ethtool.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "ethtool_client.h"
#include "event_test.h"

namespace netchange::test {
namespace {

using Json = nlohmann::json;
using std::chrono::steady_clock;

// `watch` with flags for its output.
class Watcher {
 public:
  Watcher(const std::vector<std::string>& flags, const std::string& output_file)
      : child_(flags, output_file) {
    ++Costs().started;
  }
  int Stop(int signal) {
    const Stopwatch stopwatch(Costs().stopping);
    return child_.Stop(signal);
  }
  [[nodiscard]] pid_t pid() const { return child_.pid(); }

  // All lines so far that contain all these words.
  [[nodiscard]] std::vector<std::string> LinesWith(const std::vector<std::string>& words) const {
    std::vector<std::string> found;
    std::istringstream lines(child_.Output());
    for (std::string line; std::getline(lines, line);) {
      const bool all = std::all_of(words.begin(), words.end(), [&](const auto& word) {
        return line.find(word) != std::string::npos;
      });
      if (all && !lines.eof()) found.push_back(line);  // the last line may not be complete yet
    }
    return found;
  }
  // The same; waits at most 5 seconds for that many lines.
  [[nodiscard]] std::vector<std::string> WaitForLinesWith(const std::vector<std::string>& words,
                                                          std::size_t count) const {
    const auto until = steady_clock::now() + std::chrono::seconds(5);
    auto found = LinesWith(words);
    while (found.size() < count && steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      found = LinesWith(words);
    }
    return found;
  }

 private:
  Child child_;
};

class Watch : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const std::string backend = "--backend=" + Backend();
    const Stopwatch stopwatch(Costs().starting);
    json_ =
        new Watcher(Only({"ethtool", "sysctl"}, {DaemonPath(), "watch", "--output=json", backend}),
                    "/tmp/watch.json");
    text_ = new Watcher(Only({"ethtool"}, {DaemonPath(), "watch", backend}), "/tmp/watch.text");
    // `watch` does not report that it is ready, so we make events until it prints one.
    const auto until = steady_clock::now() + std::chrono::minutes(1);
    while (steady_clock::now() < until &&
           (json_->LinesWith({"ETHTOOL"}).empty() || text_->LinesWith({"ETHTOOL"}).empty())) {
      EthtoolIoctl("lo", ETHTOOL_GDRVINFO);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(json_->Stop(SIGTERM), 0);
    EXPECT_EQ(text_->Stop(SIGINT), 0);
    delete json_;
    delete text_;
  }

  static std::string Pid(pid_t pid) { return "\"pid\":" + std::to_string(pid) + ","; }

  // The events of a process; waits until there are that many.
  static std::vector<Json> EventsOf(pid_t pid, std::size_t count) {
    std::vector<Json> events;
    for (const std::string& line : json_->WaitForLinesWith({Pid(pid)}, count))
      events.push_back(Json::parse(line));
    return events;
  }

  // Lost events that `watch` reported on standard error.
  static std::size_t LostEvents() {
    std::size_t lost = 0;
    for (const std::string& line : json_->LinesWith({"lost="}))
      lost += std::stoul(line.substr(line.find("lost=") + 5));
    return lost;
  }

  inline static Watcher* json_ = nullptr;
  inline static Watcher* text_ = nullptr;
};

TEST_F(Watch, ShowsAllDataOfAProcessThatHasExited) {
  const RunResult run = Execute({"ethtool", "-i", "lo"});
  const auto events = EventsOf(run.pid, 1);
  ASSERT_EQ(events.size(), 1U);
  const Json& event = events[0];
  EXPECT_EQ(event["collector"], "ethtool");
  EXPECT_EQ(event["device"], "lo");
  EXPECT_EQ(event.value("netns", ""), OwnNetns());
  EXPECT_EQ(event["process"], "ethtool");
  EXPECT_EQ(event["parent_pid"], getpid());
  EXPECT_EQ(event["parent"], "event_tests");
  EXPECT_EQ(event["uid"], 0);
  EXPECT_EQ(event["exe"], "/usr/sbin/ethtool");
  EXPECT_EQ(event["result"], "EOPNOTSUPP");
  EXPECT_EQ(event["command"], "ETHTOOL_GDRVINFO");
  EXPECT_EQ(event["option"], "-i");
  EXPECT_EQ(event["options"], "-d,-e,-E,-i");
  EXPECT_EQ(
      event["options_mean"],
      "-d, --register-dump: read the device's registers; -e, --eeprom-dump: read the device's "
      "EEPROM; -E, --change-eeprom: write to the device's EEPROM; -i, --driver: show driver and "
      "firmware version");
  EXPECT_EQ(event["access"], "get");
  EXPECT_EQ(event["transport"], "ioctl");
  EXPECT_GT(event["duration_seconds"], 0.0);
  EXPECT_LT(event["duration_seconds"], 1.0);
}

TEST_F(Watch, ShowsTheUserAndThePathThroughMounts) {
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

// One `watch` prints the events of several collectors, in order.
TEST_F(Watch, PrintsTheEventsOfSeveralCollectorsInOrder) {
  const VethPair pair("ncw0", "ncw1");
  const RunResult run = ForkAs("writer", [] {
    MUST(WriteFile("/proc/sys/net/ipv4/conf/ncw0/forwarding", "1") == 0);
    MUST(EthtoolIoctl("ncw0", ETHTOOL_GLINK) == 0);
    MUST(WriteFile("/proc/sys/net/ipv4/conf/ncw0/forwarding", "0") == 0);
    return 0;
  });
  EXPECT_EQ(run.status, 0) << run.output;
  std::vector<std::string> collectors;
  for (const Json& event : EventsOf(run.pid, 3)) collectors.push_back(event["collector"]);
  EXPECT_EQ(collectors, (std::vector<std::string>{"sysctl", "ethtool", "sysctl"}));
}

// While the reader is stopped, the ring buffer fills up. Every event is printed or reported as
// lost.
TEST_F(Watch, ReportsLostEvents) {
  constexpr std::size_t kEvents = 3000;  // the ring buffer holds about a thousand
  kill(json_->pid(), SIGSTOP);
  const RunResult run = ForkAs("burst", [] {
    for (std::size_t i = 0; i < kEvents; ++i) EthtoolIoctl("lo", ETHTOOL_GLINK);
    return 0;
  });
  kill(json_->pid(), SIGCONT);
  std::size_t seen = 0, lost = 0;
  for (int i = 0; i < 100 && seen + lost < kEvents; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    seen = json_->LinesWith({Pid(run.pid)}).size();
    lost = LostEvents();
  }
  EXPECT_GT(seen, 500U);
  EXPECT_GT(lost, 500U);
  EXPECT_EQ(seen + lost, kEvents);
}

// An unprivileged user fills at most a quarter of the ring buffer, and is named.
TEST_F(Watch, KeepsRoomForOthersWhenAUserFloodsIt) {
  constexpr std::size_t kEvents = 3000, kOthers = 50;
  const std::size_t lost_before = LostEvents();
  kill(json_->pid(), SIGSTOP);
  const RunResult flood = ForkAs("flood", [] {
    MUST(setuid(65534) == 0);
    for (std::size_t i = 0; i < kEvents; ++i) EthtoolIoctl("lo", ETHTOOL_GLINK);
    return 0;
  });
  const RunResult others = ForkAs("root", [] {
    for (std::size_t i = 0; i < kOthers; ++i) EthtoolIoctl("lo", ETHTOOL_GLINK);
    return 0;
  });
  kill(json_->pid(), SIGCONT);
  EXPECT_EQ(EventsOf(others.pid, kOthers).size(), kOthers);
  const std::size_t seen = json_->LinesWith({Pid(flood.pid)}).size();
  EXPECT_GT(seen, 100U);
  const auto lines = json_->WaitForLinesWith({"process=flood", "uid=65534"}, 1);
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(LostEvents() - lost_before, kEvents - seen);
}

TEST_F(Watch, PrintsOneReadableLineForPeople) {
  const RunResult run = ForkAs("bad\x1b[2Jname", [] { return EthtoolIoctl("lo", ETHTOOL_GLINK); });
  const auto lines =
      text_->WaitForLinesWith({" " + std::to_string(run.pid) + " bad", "ETHTOOL_GLINK"}, 1);
  ASSERT_EQ(lines.size(), 1U);
  const std::string& line = lines[0];
  EXPECT_NE(line.find("bad\\x1b[2Jname"), std::string::npos) << line;
  EXPECT_NE(line.find(" lo"), std::string::npos) << line;
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace netchange::test
