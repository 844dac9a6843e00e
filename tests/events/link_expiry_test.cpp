// SPDX-License-Identifier: Apache-2.0
// The end of series.
#include <cstring>
#include <memory>

#include "link_events.h"

namespace netchange::test {
namespace {

constexpr int kOtherPort = 10419;

class LinkSeries : public testing::Test {
 protected:
  void SetUp() override {
    daemon_ =
        std::make_unique<Daemon>(kOtherPort, Only({"link"}, {WithConfig("series_expiry: 3s\n")}));
    ASSERT_TRUE(daemon_->WaitUntilReady()) << daemon_->Output();
  }
  void TearDown() override {
    if (!daemon_) return;
    daemon_->Stop();
  }

  static Page SeriesOf(const Page& page, const std::string& device) {
    Page found;
    for (const auto& [series, value] : page) {
      if (series.starts_with("netchange_config_") &&
          series.find("device=\"" + device + '"') != std::string::npos)
        found[series] = value;
    }
    return found;
  }
  static double WritesOf(const Page& page, const std::string& device, const std::string& setting) {
    const auto found =
        page.find(Series("netchange_config_writes_total", {{"device", device},
                                                           {"comm", "ip"},
                                                           {"parent_comm", "event_tests"},
                                                           {"kind", "link"},
                                                           {"setting", setting}}));
    return found == page.end() ? 0 : found->second;
  }

  std::unique_ptr<Daemon> daemon_;
};

TEST_F(LinkSeries, ExpireUnderTheOldNameAfterARename) {
  const VethPair pair("ncr0", "ncr1");
  RunBatch("ip", {"link set ncr0 mtu 1400", "link set ncr0 name ncrx", "link set ncrx mtu 1300"});
  Page page = Scrape(kOtherPort);
  EXPECT_EQ(WritesOf(page, "ncr0", "mtu"), 1) << "the counts before it stay until then";
  EXPECT_EQ(WritesOf(page, "ncr0", "name"), 1);
  const Page kept = SeriesOf(page, "ncrx");
  EXPECT_EQ(kept.size(), 4U) << "writes, changes, the time of the newest, and the value";
  EXPECT_TRUE(
      Eventually(kOtherPort, page, [](const Page& p) { return SeriesOf(p, "ncr0").empty(); }));
  EXPECT_EQ(SeriesOf(page, "ncrx"), kept);
  EXPECT_TRUE(Eventually(kOtherPort, page, [](const Page& p) {
    return p.at(R"(netchange_map_entries{map="link_writes"})") == 1 &&
           p.at(R"(netchange_map_entries{map="link_values"})") == 1;
  }));
  RunBatch("ip", {"link set ncrx name ncr0", "link set ncr0 mtu 1400"});
  page = Scrape(kOtherPort);
  EXPECT_EQ(WritesOf(page, "ncr0", "mtu"), 1) << "from 0 on";
  EXPECT_EQ(WritesOf(page, "ncrx", "name"), 1);
  EXPECT_EQ(page.at(R"(netchange_lost_updates_total{collector="link"})"), 0);
}

}  // namespace
}  // namespace netchange::test
