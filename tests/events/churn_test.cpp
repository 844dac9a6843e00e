// SPDX-License-Identifier: Apache-2.0
// Network namespaces that come and go, as those of containers do. What happens in them must not
// cost the host's series, or memory that grows.
#include <linux/ethtool.h>
#include <sched.h>

#include <atomic>
#include <cstdlib>
#include <fstream>

#include "ethtool_client.h"
#include "xdp_events.h"

namespace netchange::test {
namespace {

constexpr double kMostGrowthKb = 16'000;

int Namespaces() {
  const char* wanted = std::getenv("NETCHANGE_CHURN");
  return wanted ? std::atoi(wanted) : Load(200);
}

// Each has a veth pair with an XDP program, and ends with the next.
int MakeNamespaces(int count) {
  const Programs programs;
  for (int i = 0; i < count; ++i) {
    MUST(unshare(CLONE_NEWNET) == 0);
    const VethPair pair("churn0", "churn1");
    MUST(Attach("churn0", programs.first(), XDP_FLAGS_SKB_MODE) == 0);
  }
  return 0;
}

double AnonymousKb(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == "RssAnon:" && status >> kilobytes) return kilobytes;
  }
  return 0;
}

// Sum of the series that have all of these labels, written label="value".
double Sum(const Page& page, const std::string& family, const std::vector<std::string>& labels) {
  double sum = 0;
  for (const auto& [series, value] : page) {
    if (series.find(family + "{") == std::string::npos) continue;
    bool all = true;
    for (const std::string& label : labels) all &= series.find(label) != std::string::npos;
    if (all) sum += value;
  }
  return sum;
}
double Changes(const Page& page, const std::string& operation) {
  return Sum(page, "netchange_xdp_changes_total",
             {R"(device="churn0")", "operation=\"" + operation + "\""});
}
Page Lost(const Page& page) {
  Page lost;
  for (const auto& [series, value] : page) {
    if (series.starts_with("netchange_lost_updates_total")) lost[series] = value;
  }
  return lost;
}
double CommandsOfHost(const Page& page) {
  return Sum(page, "netchange_ethtool_commands_total",
             {R"(device="nct0")", R"(comm="host")", R"(command="ETHTOOL_GLINK")"});
}

// Makes a command of the host's, and reads the page, until the namespaces have come and gone.
int CommandsBesideChurn(int namespaces, RunResult& churn) {
  std::atomic<bool> ended = false;
  std::thread other([&] {
    churn = ForkAs("churn", [=] { return MakeNamespaces(namespaces); });
    ended = true;
  });
  int commands = 0;
  do {
    EXPECT_EQ(ForkAs("host", [] { return EthtoolIoctl("nct0", ETHTOOL_GLINK); }).status, 0);
    ++commands;
    Scrape(kPort);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  } while (!ended);
  other.join();
  return commands;
}

TEST(Churn, CostsTheHostNoEventAndNoMemory) {
  const VethPair pair("nct0", "nct1");
  // Otherwise each program is the first or the last in generic mode, and the kernel patches its
  // code for it, which an emulated machine does not always survive.
  const Programs programs;
  ASSERT_EQ(Attach("nct1", programs.first(), XDP_FLAGS_SKB_MODE), 0);
  const int namespaces = Namespaces();
  const double before = AnonymousKb(ExporterPid());
  const Page first = Scrape(kPort);
  RunResult churn;
  const int commands = CommandsBesideChurn(namespaces, churn);
  EXPECT_EQ(churn.status, 0) << churn.output;
  // The kernel deletes namespaces later. The syscall backend sees only what a scrape still finds.
  const bool sees_deletion = BackendOf("xdp") != "syscall";
  Page page;
  EXPECT_TRUE(Eventually(kPort, page, [&](const Page& p) {
    return !sees_deletion ||
           Changes(p, "device_deleted") - Changes(first, "device_deleted") == namespaces;
  }));
  EXPECT_EQ(Changes(page, "attach") - Changes(first, "attach"), namespaces);
  EXPECT_EQ(CommandsOfHost(page) - CommandsOfHost(first), commands);
  EXPECT_EQ(Lost(page), Lost(first));
  EXPECT_LE(AnonymousKb(ExporterPid()), before + kMostGrowthKb);
}

}  // namespace
}  // namespace netchange::test
