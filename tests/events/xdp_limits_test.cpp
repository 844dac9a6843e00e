// SPDX-License-Identifier: Apache-2.0
// A full map, and labels that are off, also for changes by the kernel. Each test has its own
// exporter.
#include <algorithm>
#include <memory>

#include "xdp_events.h"

namespace netchange::test {
namespace {

constexpr int kOtherPort = 10419;
constexpr int kDevices = 16;  // as many as the smallest map has entries
const std::string kLost = R"(netchange_lost_updates_total{collector="xdp"})";

class XdpOfItsOwn : public testing::Test {
 protected:
  void Start(const std::string& config) {
    daemon_ = std::make_unique<Daemon>(kOtherPort, Only({"xdp"}, {WithConfig(config)}));
    ASSERT_TRUE(daemon_->WaitUntilReady()) << daemon_->Output();
  }
  void SetUp() override {
    std::vector<std::string> commands;
    for (int i = 0; i < kDevices; i += 2)
      commands.push_back("link add " + Name(i) + " type veth peer name " + Name(i + 1));
    RunBatch("ip", commands);
  }
  static std::string Name(int number) { return "nct" + std::to_string(number); }
  void TearDown() override {
    std::vector<std::string> commands;
    for (int i = 0; i < kDevices; i += 2) commands.push_back("link del " + Name(i));
    RunBatch("ip", commands);
    if (daemon_) daemon_->Stop();
  }
  // Attaches a link on each device, and exits. Then the kernel detaches the programs.
  static void AttachAndEnd() {
    const RunResult run = ForkAs("loader", [] {
      const Programs programs;
      for (int i = 0; i < kDevices; ++i) {
        MUST(CreateLink(Name(i), programs.first(), XDP_FLAGS_SKB_MODE) >= 0);
      }
      return 0;
    });
    EXPECT_EQ(run.status, 0) << run.output;
  }
  // The page after two comparisons of the attached programs. The shared exporter compares, too, so
  // that it does not count these changes in a later test.
  static Page SettledPage() {
    for (int scrape = 0; BackendOf("xdp") == "syscall" && scrape < 2; ++scrape) {
      for (const int each : {kOtherPort, kPort}) Scrape(each);
      std::this_thread::sleep_for(kApart);
    }
    Scrape(kPort);
    return Scrape(kOtherPort);
  }
  static Labels Of(const std::string& device, const std::string& operation) {
    return {{"device", device},
            {"operation", operation},
            {"mode", "generic"},
            {"program", "first_prog"}};
  }
  static int SeriesOf(const Page& page, const std::string& family) {
    return static_cast<int>(std::count_if(page.begin(), page.end(), [&](const auto& series) {
      return series.first.starts_with(family + "{");
    }));
  }

  std::unique_ptr<Daemon> daemon_;
};

TEST_F(XdpOfItsOwn, OmitsLabelsThatAreOff) {
  ASSERT_NO_FATAL_FAILURE(Start("labels: {comm: false, parent_comm: false}\n"));
  AttachAndEnd();
  const Page page = SettledPage();
  EXPECT_EQ(SeriesOf(page, "netchange_xdp_changes_total"), 2 * kDevices);
  for (int i = 0; i < kDevices; ++i) {
    for (const char* operation : {"attach", "detach"})
      EXPECT_EQ(page.at(Series("netchange_xdp_changes_total", Of(Name(i), operation))), 1);
  }
}

// The attachments fill the map. The other events are counted without the names of their processes.
TEST_F(XdpOfItsOwn, CountsEachEventOnceIfTheMapIsFull) {
  const std::string config = "max_entries: " + std::to_string(kDevices) +
                             "\nlabels: {comm: false, parent_comm: false, unit: false}\n";
  ASSERT_NO_FATAL_FAILURE(Start(config));
  AttachAndEnd();
  for (int look = 0; look < 2; ++look) {
    const Page page = SettledPage();
    EXPECT_EQ(SeriesOf(page, "netchange_xdp_changes_total"), 2 * kDevices);
    for (int i = 0; i < kDevices; ++i) {
      for (const char* operation : {"attach", "detach"})
        EXPECT_EQ(page.at(Series("netchange_xdp_changes_total", Of(Name(i), operation))), 1);
    }
    EXPECT_EQ(page.at(kLost), 0);
  }
}

}  // namespace
}  // namespace netchange::test
