// SPDX-License-Identifier: Apache-2.0
// The exporter as a program: its own metrics, its limits, its exit.
#include <linux/capability.h>
#include <linux/ethtool.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <map>
#include <set>
#include <sstream>

#include "ethtool_client.h"
#include "event_test.h"

namespace netchange::test {
namespace {

constexpr int kOtherPort = 10418;

TEST(Exporter, ReportsItsCollectorsBackendsAndHooks) {
  const Page page = Scrape(kPort);
  ASSERT_FALSE(page.empty());
  const std::string backend = Backend() == "auto" ? BackendOf("ethtool") : Backend();
  EXPECT_GE(Collectors().size(), 6U);
  for (const std::string& collector : Collectors()) {
    EXPECT_EQ(page.at(Series("netchange_collector_up", {{"collector", collector}})), 1);
    EXPECT_EQ(page.at(Series("netchange_scrape_collector_success", {{"collector", collector}})), 1);
    EXPECT_EQ(page.at(Series("netchange_collector_backend_info",
                             {{"collector", collector}, {"backend", backend}})),
              1);
    EXPECT_EQ(page.at(Series("netchange_lost_updates_total", {{"collector", collector}})), 0);
  }
  EXPECT_EQ(page.count("netchange_lost_events_total"), 1U);
  EXPECT_EQ(page.at(R"(netchange_map_capacity{map="ethtool_commands"})"), 16384);
}

// Rows of the tables: | `name` | type | …
Families FamiliesOfTheDocumentation() {
  Families families;
  std::istringstream lines(ReadFile(BesideTheTests("metrics.md")));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string bar, name, type;
    if (words >> bar >> name >> bar >> type &&
        (type == "counter" || type == "gauge" || type == "histogram")) {
      families[name.substr(1, name.size() - 2)] = type;
    }
  }
  return families;
}

// docs/operations.md has these numbers.
TEST(Exporter, HasFewSeriesOfItsOwn) {
  int own = 0, backends = 0;
  for (const auto& [series, value] : Scrape(kPort)) {
    const auto is_of = [&](const char* name) { return series.starts_with(name); };
    own += !is_of("netchange_ethtool_") && !is_of("netchange_xdp_") && !is_of("netchange_config_");
    backends += is_of("netchange_collector_backend_info");
  }
  EXPECT_EQ(own, 85 - 6 + backends);
  EXPECT_LT(own, 90);
}

TEST(Exporter, ServesExactlyTheDocumentedFamilies) {
  EXPECT_EQ(ScrapeFamilies(kPort), FamiliesOfTheDocumentation());
}

TEST(Exporter, ReportsCollectorsAndBackendsInCheck) {
  const RunResult run = Check(Only({"ethtool"}));
  EXPECT_EQ(run.status, 0) << run.output;
  EXPECT_NE(run.output.find("ethtool: OK (" + BackendOf("ethtool") + ")\n"), std::string::npos)
      << run.output;
}

// `auto` takes the first backend that works here; the backend of this run is one of them.
TEST(Exporter, TakesTheFirstBackendThatWorksByItself) {
  const RunResult run = Check(Only({"ethtool"}, {"--backend=auto"}));
  EXPECT_EQ(run.status, 0) << run.output;
  const bool kprobe_first = run.output.find("auto takes kprobe before fexit") != std::string::npos;
  const std::vector<std::string> order =
      kprobe_first ? std::vector<std::string>{"kprobe", "fexit", "syscall"}
                   : std::vector<std::string>{"fexit", "kprobe", "syscall"};
  for (const std::string& backend : order) {
    const bool taken = run.output.find("ethtool: OK (" + backend + ")\n") != std::string::npos;
    if (taken) return;
    EXPECT_NE(backend, BackendOf("ethtool")) << "works, but was not taken: " << run.output;
  }
  ADD_FAILURE() << run.output;
}

TEST(Exporter, FailsInCheckWithoutCapabilitiesAndNamesThem) {
  const RunResult run = Check({}, [] {
    if (setuid(65534)) _exit(255);
  });
  EXPECT_EQ(run.status, 2);
}

// Runs `check` as root with only these capabilities.
RunResult CheckWith(const std::set<int>& capabilities, const std::vector<std::string>& flags) {
  return Check(flags, [&] {
    for (int capability = 0; capability <= CAP_LAST_CAP; ++capability) {
      if (!capabilities.contains(capability)) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
  });
}

// The capabilities of docs/operations.md: all of them are necessary.
TEST(Exporter, NeedsExactlyTheDocumentedCapabilities) {
  std::set<int> needed = {CAP_BPF, CAP_PERFMON};
  if (BackendOf("ethtool") == "syscall") needed.insert(CAP_NET_ADMIN);
  // CAP_SYS_ADMIN includes all others. It is needed to mount tracefs, and for perf events where
  // Debian restricts them.
  const bool restricted = std::stoi(ReadFile("/proc/sys/kernel/perf_event_paranoid")) > 2;
  if ((restricted && BackendOf("ethtool") != "fexit") || access("/sys/kernel/tracing/events", F_OK))
    needed = {CAP_SYS_ADMIN};
  // With `auto`, all collectors: so each is checked once on each kernel.
  const RunResult all =
      CheckWith(needed, Backend() == "auto" ? std::vector<std::string>{} : Only({"sysctl"}));
  EXPECT_EQ(all.status, 0) << all.output;
  for (const int capability : needed) {
    std::set<int> others = needed;
    others.erase(capability);
    const RunResult some = CheckWith(others, Only({"sysctl"}));  // sysctl needs each of them
    EXPECT_NE(some.status, 0) << "without capability " << capability << ": " << some.output;
  }
}

TEST(Exporter, ReportsTheEffectOfAMissingCapability) {
  std::set<int> all;
  for (int capability = 0; capability <= CAP_LAST_CAP; ++capability) all.insert(capability);
  const std::vector<std::string> flags = Only({"ethtool"});
  EXPECT_EQ(CheckWith(all, flags).output.find("without CAP_"), std::string::npos);
  for (const auto& [capability, name] :
       {std::pair(CAP_SYS_PTRACE, "CAP_SYS_PTRACE"), std::pair(CAP_SYSLOG, "CAP_SYSLOG")}) {
    std::set<int> others = all;
    others.erase(capability);
    const RunResult some = CheckWith(others, flags);
    EXPECT_EQ(some.status, 0) << some.output;
    EXPECT_NE(some.output.find(std::string("\nwithout ") + name), std::string::npos) << some.output;
  }
}

TEST(Exporter, RefusesAPortThatIsTaken) {
  const RunResult run = Execute(Only({}, {DaemonPath(), "--web.listen-address=127.0.0.1:10417"}));
  EXPECT_EQ(run.status, 1);
  EXPECT_NE(run.output.find("127.0.0.1:10417"), std::string::npos) << run.output;
  EXPECT_NE(run.output.find("--web.listen-address"), std::string::npos) << run.output;
}

// Events without a free entry are lost and counted as lost; existing entries go on counting.
TEST(Exporter, CountsTheLossesOfAFullMap) {
  constexpr int kCapacity = 16, kFolded = 1024, kCommands = 1200;
  Daemon daemon(kOtherPort,
                Only({"ethtool"}, {WithConfig("max_entries: " + std::to_string(kCapacity))}));
  ASSERT_TRUE(daemon.WaitUntilReady()) << daemon.Output();
  const auto ask_twice = [] {
    for (int round = 0; round < 2; ++round) {
      for (std::uint32_t i = 0; i < kCommands; ++i) EthtoolIoctl("lo", 0xf000 + i);
    }
    return 0;
  };
  ASSERT_EQ(ForkAs("filler", ask_twice).status, 0);
  const Page page = Scrape(kOtherPort);
  double counted = 0, series = 0;
  for (const auto& [name, value] : page) {
    if (name.find("netchange_ethtool_commands_total{") == std::string::npos) continue;
    EXPECT_EQ(value, 2) << name;
    counted += value;
    ++series;
  }
  EXPECT_EQ(series, kCapacity + kFolded);
  EXPECT_EQ(page.at(R"(netchange_map_entries{map="ethtool_commands"})"), kCapacity + kFolded);
  EXPECT_EQ(page.at(R"(netchange_map_capacity{map="ethtool_commands"})"), kCapacity);
  EXPECT_EQ(page.at(R"(netchange_lost_updates_total{collector="ethtool"})"),
            2 * kCommands - counted);
  daemon.Stop();
}

TEST(Exporter, OmitsLabelsThatAreOff) {
  Daemon daemon(kOtherPort,
                Only({"ethtool"}, {WithConfig("labels: {comm: false, parent_comm: false}\n"
                                              "devices: {exclude: [hid*]}\n")}));
  ASSERT_TRUE(daemon.WaitUntilReady()) << daemon.Output();
  for (const char* name : {"one", "two"}) {
    EXPECT_EQ(ForkAs(name, [] { return EthtoolIoctl("lo", ETHTOOL_GLINK); }).status, 0);
    EXPECT_EQ(ForkAs(name, [] { return EthtoolIoctl("hidden", ETHTOOL_GLINK); }).status, ENODEV);
  }
  const Page page = Scrape(kOtherPort);
  double series = 0;
  for (const auto& [name, value] : page)
    series += name.starts_with("netchange_ethtool_commands_total");
  EXPECT_EQ(series, 1);
  EXPECT_EQ(
      page.at(
          R"(netchange_ethtool_commands_total{device="lo",command="ETHTOOL_GLINK",access="get",transport="ioctl"})"),
      2);
}

}  // namespace
}  // namespace netchange::test
