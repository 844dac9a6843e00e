// SPDX-License-Identifier: Apache-2.0
#include "event_test.h"

#include <cctype>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <thread>

namespace netchange::test {
namespace {

constexpr int kPort = 10417;

std::string Environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value ? value : otherwise;
}

std::unique_ptr<Daemon> g_daemon;

// Starts the exporter before the first test. Ended by its pid after the last.
class SharedDaemon : public testing::Environment {
 public:
  void SetUp() override {
    g_daemon = std::make_unique<Daemon>(kPort);
    ASSERT_TRUE(g_daemon->WaitUntilReady()) << g_daemon->process().Output();
    std::cout << "backend: " << BackendOf("ethtool") << '\n';  // tests/guest/results.py reads it
  }
  void TearDown() override {
    EXPECT_EQ(g_daemon->process().Stop(SIGTERM), 0) << g_daemon->process().Output();
    g_daemon.reset();
  }
};

const auto* const kShared = testing::AddGlobalTestEnvironment(new SharedDaemon);

bool CountsEvents(const std::string& series) {
  return series.find("_total") != std::string::npos &&
         (series.starts_with("netchange_ethtool_") || series.starts_with("netchange_xdp_") ||
          series.starts_with("netchange_config_") || series.starts_with("netchange_lost_updates"));
}

// The gauge that goes with a counter family; empty for none.
std::string TimeFamily(const std::string& family) {
  if (family == "netchange_ethtool_commands_total")
    return "netchange_ethtool_last_command_timestamp_seconds";
  if (family == "netchange_xdp_changes_total") return "netchange_xdp_last_change_timestamp_seconds";
  if (family == "netchange_config_changes_total")
    return "netchange_config_last_change_timestamp_seconds";
  return "";
}

std::vector<std::string> CommandLine(int port, const std::vector<std::string>& flags) {
  std::vector<std::string> command = {DaemonPath(),
                                      "--web.listen-address=127.0.0.1:" + std::to_string(port),
                                      "--backend=" + Backend()};
  command.insert(command.end(), flags.begin(), flags.end());
  return command;
}

}  // namespace

bool InGuest() { return std::getenv("NETCHANGE_GUEST") != nullptr; }

std::string Backend() { return Environment("NETCHANGE_BACKEND", "auto"); }

std::string BackendOf(const std::string& collector) {
  const Page page = Scrape(kPort);
  for (const char* backend : {"fexit", "kprobe", "syscall"}) {
    if (page.count(Series("netchange_collector_backend_info",
                          {{"collector", collector}, {"backend", backend}}))) {
      return backend;
    }
  }
  return "";
}

std::vector<std::string> Only(const std::string& collector, std::vector<std::string> flags) {
  for (const std::string other : {"ethtool", "irq", "link", "queues", "sysctl", "xdp"}) {
    if (other != collector) flags.push_back("--no-collector." + other);
  }
  return flags;
}

// Of a network namespace without a name, in which no test makes events that it does not expect:
// the machine is not only ours.
bool IsElsewhere(const std::string& series) {
  if (InGuest()) return false;
  const auto netns = series.find("netns=\"");
  return netns != std::string::npos && std::isdigit(static_cast<unsigned char>(series[netns + 7]));
}

std::string BesideTheTests(const std::string& file) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / file;
}

std::string DaemonPath() {
  return Environment("NETCHANGE_DAEMON", BesideTheTests("netchange_exporter"));
}

Daemon::Daemon(int port, const std::vector<std::string>& flags)
    : port_(port),
      child_(CommandLine(port, flags), "/tmp/netchange_exporter." + std::to_string(port) + ".log") {
}

bool Daemon::WaitUntilReady() {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (std::chrono::steady_clock::now() < until && child_.Running()) {
    if (!Get(port_, "/-/ready").empty()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

int EventTest::port() { return kPort; }

void EventTest::SetUp() {
  for (const int port : Ports()) before_[port] = Scrape(port);
  start_ = Now();
}

void EventTest::Expect(const std::string& family, const Labels& labels, double times) {
  expected_[Series(family, labels)] += times;
  const std::string time_family = TimeFamily(family);
  if (!time_family.empty()) times_[Series(family, labels)] = Series(time_family, labels);
}

void EventTest::ExpectLink(const std::string& setting, const std::string& device,
                           const LinkWrites& writes) {
  const Labels labels = {{"device", device},
                         {"comm", writes.comm},
                         {"parent_comm", writes.parent_comm},
                         {"kind", "link"},
                         {"setting", setting}};
  Expect("netchange_config_writes_total", labels, writes.writes);
  if (writes.changes) Expect("netchange_config_changes_total", labels, writes.changes);
}

void EventTest::VerifyCounters(const Page& before, const Page& after) const {
  std::map<std::string, double> moved;
  for (const auto& [series, value] : after) {
    const auto old = before.find(series);
    const double difference = value - (old == before.end() ? 0 : old->second);
    if (CountsEvents(series) && difference != 0) moved[series] = difference;
  }
  for (const auto& [series, times] : expected_) {
    EXPECT_EQ(moved[series], times) << series;
  }
  for (const auto& [series, difference] : moved) {
    if (!expected_.count(series) && !IsElsewhere(series))
      ADD_FAILURE() << "moved by " << difference << ", and nobody did it: " << series;
  }
}

void EventTest::VerifyTimes(const Page& after, double end) const {
  for (const auto& [counter, gauge] : times_) {
    const auto time = after.find(gauge);
    if (time == after.end()) {
      ADD_FAILURE() << "no " << gauge;
      continue;
    }
    EXPECT_GE(time->second, start_) << gauge;
    EXPECT_LE(time->second, end) << gauge;
  }
}

void EventTest::TearDown() {
  if (IsSkipped()) return;
  const double end = Now();
  for (const auto& [port, before] : before_) {
    SCOPED_TRACE("the exporter on port " + std::to_string(port));
    const Page after = Scrape(port);
    ASSERT_FALSE(after.empty()) << "the exporter does not answer";
    VerifyCounters(before, after);
    VerifyTimes(after, end);
  }
}

VethPair::VethPair(std::string name, std::string peer) : name_(std::move(name)) {
  const RunResult made =
      Execute({"ip", "link", "add", name_, "type", "veth", "peer", "name", peer});
  EXPECT_EQ(made.status, 0) << made.output;
}

VethPair::~VethPair() { Execute({"ip", "link", "del", name_}); }

}  // namespace netchange::test
