// SPDX-License-Identifier: Apache-2.0
// `check --events`: real events, counted by its own collectors and by the shared exporter.
#include <algorithm>
#include <array>
#include <csignal>
#include <nlohmann/json.hpp>

#include "event_test.h"

namespace netchange::test {
namespace {

nlohmann::json EventsOf(const RunResult& run) {
  const auto json = nlohmann::json::parse(run.output, nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << run.output;
  return json.is_object() ? json.value("events", nlohmann::json::array()) : nlohmann::json();
}

// "collector: counted" of each event.
std::vector<std::string> Counts(const nlohmann::json& events) {
  std::vector<std::string> counts;
  for (const auto& event : events)
    counts.push_back(event.value("collector", "") + ": " +
                     std::to_string(static_cast<int>(event.value("counted", -1.0))));
  return counts;
}

TEST(CheckEvents, CountsOneOfEachKind) {
  const RunResult run = Check({"--events", "--output=json"});
  EXPECT_EQ(run.status, 0) << run.output;
  const auto events = EventsOf(run);
  EXPECT_EQ(Counts(events),
            (std::vector<std::string>{"ethtool: 1", "ethtool: 1", "irq: 1", "link: 1", "queues: 1",
                                      "sysctl: 1", "xdp: 1", "xdp: 1"}))
      << run.output;
  for (const auto& event : events)
    EXPECT_EQ(event["backends"][0], BackendOf(event.value("collector", ""))) << event;
}

TEST(CheckEvents, NamesTheCollectorThatSeesNothing) {
  const std::string config = WithConfig("devices: {exclude: [nccheck*]}\n");
  const RunResult run = Check(Only({"link", "sysctl"}, {config, "--events", "--output=json"}));
  EXPECT_EQ(run.status, 2) << run.output;
  EXPECT_EQ(Counts(EventsOf(run)), (std::vector<std::string>{"link: 0", "sysctl: 0"}))
      << run.output;
  const std::string settings = WithConfig("config_writes: {settings: {exclude: [net.ipv4.*]}}\n");
  const RunResult some = Check(Only({"link", "sysctl"}, {settings, "--events", "--output=json"}));
  EXPECT_EQ(some.status, 1) << some.output;
  EXPECT_EQ(Counts(EventsOf(some)), (std::vector<std::string>{"link: 1", "sysctl: 0"}))
      << some.output;
}

// Whenever it is killed, the process with the events ends too.
TEST(CheckEvents, LeavesNothingWhenItIsKilled) {
  for (const int milliseconds : {0, 100, 1000}) {
    std::vector<std::string> command = {DaemonPath(), "check", "--backend=" + Backend()};
    for (const std::string& flag : Only({"link", "sysctl"}, {"--events"})) command.push_back(flag);
    Child check(command, "/tmp/check.log");
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    check.Stop(SIGKILL);
    const auto left = [] {
      return Execute({"sh", "-c", "grep -lx netchange_check /proc/[0-9]*/comm"}).status == 0;
    };
    for (int i = 0; i < 100 && left(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_FALSE(left()) << milliseconds;
  }
  EXPECT_EQ(Execute({"sh", "-c", "ip -o link | grep nccheck"}).status, 1);
  EXPECT_EQ(Execute({"sh", "-c", "ls /run/netns | grep nccheck"}).status, 1);
}

}  // namespace
}  // namespace netchange::test
