// SPDX-License-Identifier: Apache-2.0
// Patterns, expiry and limits. Each test has its own exporter.
#include <sched.h>

#include <algorithm>
#include <fstream>
#include <memory>

#include "event_test.h"

namespace netchange::test {
namespace {

const std::string kNet = "/proc/sys/net/";
const std::string kConf = kNet + "ipv4/conf/";
constexpr int kOtherPort = 10419;

class SysctlOfItsOwn : public testing::Test {
 protected:
  void Start(const std::string& config) {
    daemon_ = std::make_unique<Daemon>(kOtherPort, Only({"sysctl"}, {WithConfig(config)}));
    ASSERT_TRUE(daemon_->WaitUntilReady()) << daemon_->Output();
  }
  void TearDown() override {
    if (!daemon_) return;
    daemon_->Stop();
  }
  // Sum of the series with these labels, written label="value".
  static double Sum(const Page& page, const std::string& family,
                    const std::vector<std::string>& labels = {}) {
    double sum = 0;
    for (const auto& [series, value] : page) {
      const bool all = std::all_of(labels.begin(), labels.end(), [&](const std::string& label) {
        return series.find(label) != std::string::npos;
      });
      if (series.starts_with(family + "{") && all) sum += value;
    }
    return sum;
  }
  static double Entries(const Page& page) {
    return page.at(R"(netchange_map_entries{map="sysctl_writes"})");
  }

  std::unique_ptr<Daemon> daemon_;
};

TEST_F(SysctlOfItsOwn, UsesNoEntriesForExcludedSettings) {
  ASSERT_NO_FATAL_FAILURE(
      Start("devices: {exclude: [nct1*]}\n"
            "config_writes:\n"
            "  devices: {include: [nct1.kept], exclude: [veth*, nct2]}\n"
            "  settings: {exclude: [net.core.*, net.ipv4.conf.*.rp_filter],"
            " include: [net.core.somaxconn, net.ipv4.*]}\n"));
  const VethPair one("nct1", "nct1.kept"), two("nct2", "nct3");
  const auto write = [] {
    for (const char* file :
         {"ipv4/conf/nct1/forwarding", "ipv4/conf/nct2/forwarding", "ipv4/conf/nct3/forwarding",
          "ipv4/conf/nct1.kept/rp_filter", "core/xfrm_aevent_etime", "unix/max_dgram_qlen"}) {
      if (WriteFile(kNet + file, "20")) return 1;
    }
    for (const char* file :
         {"ipv4/conf/nct1.kept/forwarding", "ipv4/conf/default/log_martians", "core/somaxconn"}) {
      if (WriteFile(kNet + file, "1")) return 2;
    }
    return 0;
  };
  EXPECT_EQ(ForkAs("writer", write).status, 0);
  WriteFile(kNet + "core/xfrm_aevent_etime", "10");
  WriteFile(kNet + "unix/max_dgram_qlen", "10");
  WriteFile(kNet + "core/somaxconn", "4096");
  WriteFile(kConf + "default/log_martians", "0");
  const Page page = Scrape(kOtherPort);
  const std::string family = "netchange_config_writes_total";
  EXPECT_EQ(Sum(page, family, {R"(setting="net.ipv4.conf.*.forwarding")", R"(device="nct1.kept")"}),
            1);
  EXPECT_EQ(Sum(page, family, {R"(setting="net.ipv4.conf.*.log_martians")"}), 2);
  EXPECT_EQ(Sum(page, family, {R"(setting="net.core.somaxconn")"}), 2);
  EXPECT_EQ(Sum(page, family), 5);
  EXPECT_EQ(Entries(page), 5) << "by writer and by event_tests, but for the forwarding";
}

TEST_F(SysctlOfItsOwn, ExpiresSeriesOfDeletedDevicesAndNamespaces) {
  ASSERT_NO_FATAL_FAILURE(Start("series_expiry: 3s\n"));
  const std::string family = "netchange_config_writes_total";
  auto kept = std::make_unique<VethPair>("nck0", "nck1");
  auto gone = std::make_unique<VethPair>("ncg0", "ncg1");
  ASSERT_EQ(Execute({"ip", "netns", "add", "ncgone"}).status, 0);
  ASSERT_EQ(Execute({"ip", "netns", "add", "nckept"}).status, 0);
  for (const char* device : {"nck0", "nck1", "ncg0"})
    EXPECT_EQ(WriteFile(kConf + device + "/forwarding", "1"), 0);
  for (const char* netns : {"ncgone", "nckept"})
    EXPECT_EQ(ExecuteIn(netns, {"sysctl", "-q", "-w", "net.core.somaxconn=1"}).status, 0);
  EXPECT_EQ(Sum(Scrape(kOtherPort), family), 5);
  gone.reset();
  ASSERT_EQ(Execute({"ip", "netns", "del", "ncgone"}).status, 0);
  ASSERT_EQ(Execute({"ip", "link", "set", "nck1", "name", "nck2"}).status, 0);
  Page page = Scrape(kOtherPort);
  EXPECT_EQ(Sum(page, family, {"device=\"ncg0\""}), 1) << "the counts before it stay until then";
  EXPECT_EQ(Sum(page, family, {"netns=\"ncgone\""}), 1);
  EXPECT_TRUE(Eventually(kOtherPort, page, [&](const Page& p) { return Sum(p, family) == 2; }));
  EXPECT_EQ(Sum(page, family, {"device=\"nck0\""}), 1);
  EXPECT_EQ(Sum(page, family, {"netns=\"nckept\""}), 1);
  EXPECT_EQ(Sum(page, "netchange_config_value"), 2) << "1 and 1";
  EXPECT_EQ(page.at(R"(netchange_lost_updates_total{collector="sysctl"})"), 0);
  EXPECT_TRUE(Eventually(kOtherPort, page, [&](const Page& p) { return Entries(p) == 2; }));
  Execute({"ip", "netns", "del", "nckept"});
}

// A container's namespace has no name, or a random id, which is none.
TEST_F(SysctlOfItsOwn, LeavesOutNamespacesWithoutANameByDefault) {
  ASSERT_NO_FATAL_FAILURE(Start("series_expiry: 1s\n"));
  ASSERT_EQ(Execute({"ip", "netns", "add", "ncnamed"}).status, 0);
  const auto contained = [] {
    MUST(unshare(CLONE_NEWNET) == 0);
    return WriteFile(kConf + "lo/forwarding", "0");
  };
  const auto named = [] {
    return EnterNetns("ncnamed") ? WriteFile(kConf + "lo/forwarding", "0") : 1;
  };
  EXPECT_EQ(ForkAs("contained", contained).status, 0);
  EXPECT_EQ(ForkAs("named", named).status, 0);
  const std::string family = "netchange_config_writes_total";
  Page page = Scrape(kOtherPort);
  EXPECT_EQ(Sum(page, family, {"comm=\"contained\""}), 0);
  EXPECT_EQ(Sum(page, family, {"netns=\"ncnamed\"", "comm=\"named\""}), 1);
  EXPECT_TRUE(Eventually(kOtherPort, page, [&](const Page& p) { return Entries(p) == 1; }))
      << "what is left out takes no entry for long";
  EXPECT_EQ(page.at(R"(netchange_lost_updates_total{collector="sysctl"})"), 0);
  std::string changes;
  EXPECT_TRUE(Eventually(kOtherPort, page, [&](const Page&) {
    changes = Get(kOtherPort, "/changes");
    return changes.find("ncnamed") != std::string::npos;
  }));
  EXPECT_EQ(changes.find("contained"), std::string::npos) << "its write was earlier\n" << changes;
  Execute({"ip", "netns", "del", "ncnamed"});
}

TEST_F(SysctlOfItsOwn, KeepsNoEntriesOfExcludedNamespacesWithoutExpiry) {
  constexpr int kContainers = 60;  // more than three quarters of the entries
  ASSERT_NO_FATAL_FAILURE(Start("series_expiry: 0s\nmax_entries: 64\n"));
  const auto write = [] { return WriteFile(kConf + "lo/forwarding", "0"); };
  EXPECT_EQ(ForkAs("host", write).status, 0);
  const auto contain = [&] {
    for (int i = 0; i < kContainers; ++i) {
      MUST(unshare(CLONE_NEWNET) == 0);
      if (const int error = write()) return error;
    }
    return 0;
  };
  EXPECT_EQ(ForkAs("contained", contain).status, 0);
  Page page;
  EXPECT_TRUE(Eventually(kOtherPort, page, [&](const Page& p) { return Entries(p) == 1; }));
  const std::string family = "netchange_config_writes_total";
  EXPECT_EQ(Sum(page, family), 1);
  EXPECT_EQ(Sum(page, family, {"comm=\"host\""}), 1);
  EXPECT_EQ(page.at(R"(netchange_lost_updates_total{collector="sysctl"})"), 0);
}

// As on a busy container host. Events without a free entry are counted without the names of their
// processes; expired entries become free again.
TEST_F(SysctlOfItsOwn, StaysWithinItsMapsAndLosesNothing) {
  constexpr int kRounds = 3, kPairs = 40, kEntries = 64;
  ASSERT_NO_FATAL_FAILURE(
      Start("max_entries: 64\nseries_expiry: 1s\nconfig_writes: {devices: {exclude: []}}\n"));
  {
    std::ofstream batch("/tmp/pairs");
    for (int i = 0; i < kPairs; ++i)
      batch << "link add veth" << i << " type veth peer name vethp" << i << '\n';
  }
  const auto write_all = [](const std::string& netns) {
    if (!EnterNetns(netns)) return 1;
    for (int i = 0; i < kPairs; ++i) {
      for (const std::string name : {"veth", "vethp"})
        if (WriteFile(kConf + name + std::to_string(i) + "/forwarding", "1")) return 2;
    }
    return 0;
  };
  const std::string family = "netchange_config_writes_total";
  const std::string lost = R"(netchange_lost_updates_total{collector="sysctl"})";
  for (int round = 0; round < kRounds; ++round) {
    const std::string netns = "ncbusy" + std::to_string(round);
    ASSERT_EQ(Execute({"ip", "netns", "add", netns}).status, 0);
    ASSERT_EQ(Execute({"ip", "-n", netns, "-batch", "/tmp/pairs"}).status, 0);
    Page page;
    ASSERT_TRUE(Eventually(kOtherPort, page, [&](const Page& p) { return Entries(p) == 0; }))
        << round;
    EXPECT_EQ(ForkAs("writer", [&] { return write_all(netns); }).status, 0);
    page = Scrape(kOtherPort);
    EXPECT_EQ(Entries(page), 2 * kPairs) << "more than max_entries";
    EXPECT_EQ(Sum(page, family, {"netns=\"" + netns + '"', "comm=\"writer\""}), kEntries);
    EXPECT_EQ(Sum(page, family, {"netns=\"" + netns + '"', "comm=\"other\""}),
              2 * kPairs - kEntries);
    EXPECT_EQ(page.at(lost), 0);
    ASSERT_EQ(Execute({"ip", "netns", "del", netns}).status, 0);
  }
  Page page;
  EXPECT_TRUE(Eventually(kOtherPort, page, [&](const Page& p) { return Entries(p) == 0; }));
}
}  // namespace
}  // namespace netchange::test
