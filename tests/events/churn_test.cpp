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

class Churn : public EventTest {
 protected:
  VethPair pair_{"nct0", "nct1"};
};

TEST_F(Churn, CostsTheHostNoEventAndNoMemory) {
  const double before = AnonymousKb(ExporterPid());
  std::atomic<bool> ended = false;
  RunResult churn;
  std::thread other([&] {
    churn = ForkAs("churn", [] { return MakeNamespaces(Namespaces()); });
    ended = true;
  });
  int commands = 0;
  do {
    EXPECT_EQ(ForkAs("host", [] { return EthtoolIoctl("nct0", ETHTOOL_GLINK); }).status, 0);
    ++commands;
    Scrape(port());
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  } while (!ended);
  other.join();
  EXPECT_EQ(churn.status, 0) << churn.output;
  EXPECT_LE(AnonymousKb(ExporterPid()), before + kMostGrowthKb);
  Expect("netchange_ethtool_commands_total",
         {{"device", "nct0"},
          {"netns", ""},
          {"comm", "host"},
          {"parent_comm", "event_tests"},
          {"command", "ETHTOOL_GLINK"},
          {"option", ""},
          {"access", "get"},
          {"transport", "ioctl"},
          {"errno", ""}},
         commands);
}

}  // namespace
}  // namespace netchange::test
