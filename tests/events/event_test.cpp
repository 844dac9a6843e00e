// SPDX-License-Identifier: Apache-2.0
#include "event_test.h"

#include "cgroups.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>

namespace netchange::test {
namespace {

// The shared exporter, and facts about it that do not change while it runs.
struct Shared {
  explicit Shared(int port) : daemon(port) {}
  void Ask();

  Daemon daemon;
  Families families;
  std::vector<std::string> collectors;
  std::map<std::string, std::string> backends;  // by collector
};

void Shared::Ask() {
  families = ScrapeFamilies(daemon.port());
  const Page page = Scrape(daemon.port());
  const std::string up = "netchange_collector_up{collector=\"";
  for (auto at = page.lower_bound(up); at != page.end() && at->first.starts_with(up); ++at) {
    const std::string name =
        at->first.substr(up.size(), at->first.find('"', up.size()) - up.size());
    collectors.push_back(name);
    for (const char* backend : {"fexit", "kprobe", "syscall"}) {
      if (page.contains(Series("netchange_collector_backend_info",
                               {{"collector", name}, {"backend", backend}})))
        backends.emplace(name, backend);
    }
  }
}

std::unique_ptr<Shared> g_shared;
std::vector<std::unique_ptr<Daemon>> g_for_all;

// While the kernel detaches fexit programs of an exporter that has ended, the shared exporter loses
// calls that are in the same functions. So each test waits until it has.
class WaitsForDetaching : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo&) override {
    EXPECT_TRUE(AllTracingProgramsAreOfChildren());
  }
};

// Starts the shared exporter before the first test, and stops it after the last.
class SharedExporter : public testing::Environment {
 public:
  void SetUp() override {
    static auto* const waits = new WaitsForDetaching;
    testing::UnitTest::GetInstance()->listeners().Release(waits);  // of the repetition before
    testing::UnitTest::GetInstance()->listeners().Append(waits);
    NoteTracingProgramsOfOthers();
    for (const auto version : {CgroupMount::Version::kUnified, CgroupMount::Version::kSystemd}) {
      home_.push_back(std::make_unique<CgroupMount>(version));
      home_.back()->Enter("/");  // so that the tests' own events have no unit
    }
    g_shared = std::make_unique<Shared>(kPort);
    ASSERT_TRUE(g_shared->daemon.WaitUntilReady()) << g_shared->daemon.Output();
    g_shared->Ask();
    std::printf("backend: %s\n", BackendOf("ethtool").c_str());  // tests/guest/results.py reads it
  }
  void TearDown() override {
    for (const auto& daemon : g_for_all) daemon->Stop();
    g_for_all.clear();
    g_shared->daemon.Stop();
    g_shared.reset();
    home_.clear();
    // tests/guest/run_guest shows it.
    std::printf("exporters: %d started, %.1f s starting, %.1f s stopping\n", Costs().started,
                Costs().starting.count(), Costs().stopping.count());
  }

 private:
  std::vector<std::unique_ptr<CgroupMount>> home_;
};

const auto* const kShared = testing::AddGlobalTestEnvironment(new SharedExporter);

// All counters of the exporter count events, except the lost events of the event log.
bool CountsEvents(const std::string& series) {
  return series.starts_with("netchange_") && series.find("_total") != std::string::npos &&
         !series.starts_with("netchange_lost_events") &&
         !series.starts_with("netchange_ethtool_slow");  // an emulated guest has slow moments
}

// The timestamp that belongs to a counter: netchange_xdp_last_change_timestamp_seconds to
// netchange_xdp_changes_total. Empty if the counter has no timestamp.
std::string TimeFamily(const std::string& counter) {
  const auto subject = counter.find('_', sizeof("netchange_"));
  const auto end = counter.rfind("s_total");
  if (subject == std::string::npos || end == std::string::npos) return "";
  const std::string family = counter.substr(0, subject) + "_last" +
                             counter.substr(subject, end - subject) + "_timestamp_seconds";
  return g_shared->families.contains(family) ? family : "";
}

// A series of another network namespace, or of an unknown one. Other programs of the machine may
// make events there.
bool IsElsewhere(const std::string& series) {
  if (InGuest()) return false;
  const std::string label = "netns=\"";
  const auto at = series.find(label);
  if (at == std::string::npos) return false;
  const std::string netns = series.substr(at + label.size());
  return std::isdigit(static_cast<unsigned char>(netns[0])) || netns.starts_with("unknown");
}

}  // namespace

bool InGuest() { return std::getenv("NETCHANGE_GUEST") != nullptr; }

pid_t ExporterPid() { return g_shared->daemon.pid(); }

const std::vector<std::string>& Collectors() { return g_shared->collectors; }

std::vector<std::string> Only(const std::set<std::string>& collectors,
                              std::vector<std::string> flags) {
  for (const std::string& collector : Collectors()) {
    if (!collectors.contains(collector)) flags.push_back("--no-collector." + collector);
  }
  return flags;
}

void StartForAll(int port, const std::vector<std::string>& flags) {
  g_for_all.push_back(std::make_unique<Daemon>(port, flags));
  ASSERT_TRUE(g_for_all.back()->WaitUntilReady()) << g_for_all.back()->Output();
}

const std::string& BackendOf(const std::string& collector) { return g_shared->backends[collector]; }

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

namespace {

double ValueOf(const Page& page, const std::string& series) {
  const auto found = page.find(series);
  return found == page.end() ? 0 : found->second;
}

}  // namespace

bool EventTest::Reached(const Page& page) const {
  return std::all_of(expected_.begin(), expected_.end(), [&](const auto& counter) {
    const auto& [series, times] = counter;
    return ValueOf(page, series) - ValueOf(before_.at(port()), series) == times;
  });
}

void EventTest::VerifyCounters(const Page& before, const Page& after) const {
  std::map<std::string, double> moved;
  for (const auto& [series, value] : after) {
    if (!CountsEvents(series)) continue;
    const double difference = value - ValueOf(before, series);
    if (difference != 0) moved[series] = difference;
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

void RunBatch(const std::string& program, const std::vector<std::string>& commands) {
  std::ofstream file("/tmp/batch");
  for (const std::string& command : commands) file << command << "\n";
  file.close();
  const RunResult run = Execute({program, "-batch", "/tmp/batch"});
  EXPECT_EQ(run.status, 0) << run.output;
}

}  // namespace netchange::test
