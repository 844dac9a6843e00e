// SPDX-License-Identifier: Apache-2.0
// Which entry becomes which sample, for each family. golden_page_test.cpp tests the whole page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "rendering.h"
#include "support.h"

namespace netchange {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr std::uint64_t kSecond = 1'000'000'000;

std::pair<ethtool_key, ethtool_counters> Ethtool(std::uint32_t command, ethtool_transport transport,
                                                 std::uint16_t error, counter count,
                                                 counter slow = {}) {
  ethtool_key key{};
  key.device = Device("eth0");
  key.actor = Actor("ethtool", "bash");
  key.command = command;
  key.transport = static_cast<__u8>(transport);
  key.error = error;
  return {key, {count, slow}};
}

std::vector<prometheus::MetricFamily> RenderedEthtool(
    const Entries<ethtool_key, ethtool_counters>& entries) {
  TestContext test;
  MetricsPage page;
  RenderEthtool(entries, {}, test.context, page);
  return Families(page);
}

constexpr char kModule[] =
    R"(device="eth0",comm="ethtool",parent_comm="bash",command="ETHTOOL_GMODULEEEPROM",option="-m",access="get",transport="ioctl")";

TEST(RenderEthtool, CountsFailedCommandsAmongAll) {
  const auto families =
      RenderedEthtool({Ethtool(0x43, ETHTOOL_TRANSPORT_IOCTL, 0, {5, 10 * kSecond}),
                       Ethtool(0x43, ETHTOOL_TRANSPORT_IOCTL, 95, {2, 30 * kSecond}),
                       Ethtool(0x43, ETHTOOL_TRANSPORT_IOCTL, 1, {1, 20 * kSecond})});
  EXPECT_THAT(Samples(families, "netchange_ethtool_commands_total"), ElementsAre(Pair(kModule, 8)));
  EXPECT_THAT(Samples(families, "netchange_ethtool_command_errors_total"),
              ElementsAre(Pair(std::string(kModule) + R"(,errno="EOPNOTSUPP")", 2),
                          Pair(std::string(kModule) + R"(,errno="EPERM")", 1)));
  EXPECT_THAT(Samples(families, "netchange_ethtool_last_command_timestamp_seconds"),
              ElementsAre(Pair(kModule, 1'700'000'030.0)));
}

TEST(RenderEthtool, HasSlowSeriesOnlyForWhatWasSlow) {
  const auto families = RenderedEthtool(
      {Ethtool(0x43, ETHTOOL_TRANSPORT_IOCTL, 0, {5, 10 * kSecond}, {2, 9 * kSecond}),
       Ethtool(0x43, ETHTOOL_TRANSPORT_IOCTL, 95, {1, 20 * kSecond}, {1, 20 * kSecond}),
       Ethtool(0x03, ETHTOOL_TRANSPORT_IOCTL, 0, {7, 30 * kSecond})});
  EXPECT_THAT(Samples(families, "netchange_ethtool_slow_commands_total"),
              ElementsAre(Pair(kModule, 3)));
  EXPECT_THAT(Samples(families, "netchange_ethtool_last_slow_command_timestamp_seconds"),
              ElementsAre(Pair(kModule, 1'700'000'020.0)));
}

TEST(RenderEthtool, KeepsTheSameNumberOfTheTwoTransportsApart) {
  const auto families = RenderedEthtool({Ethtool(1, ETHTOOL_TRANSPORT_IOCTL, 0, {1, 0}),
                                         Ethtool(1, ETHTOOL_TRANSPORT_NETLINK, 0, {2, 0})});
  EXPECT_THAT(
      Samples(families, "netchange_ethtool_commands_total"),
      ElementsAre(Pair(testing::AllOf(testing::HasSubstr(R"(command="ETHTOOL_GSET")"),
                                      testing::HasSubstr(R"(transport="ioctl")")),
                       1),
                  Pair(testing::AllOf(testing::HasSubstr(R"(command="ETHTOOL_MSG_STRSET_GET")"),
                                      testing::HasSubstr(R"(transport="netlink")")),
                       2)));
}

TEST(RenderEthtool, NamesAnUnknownCommandByItsNumberWithoutOptionAndAccess) {
  const auto families = RenderedEthtool({Ethtool(4294967294, ETHTOOL_TRANSPORT_IOCTL, 0, {1, 0})});
  EXPECT_THAT(
      Samples(families, "netchange_ethtool_commands_total"),
      ElementsAre(Pair(
          R"(device="eth0",comm="ethtool",parent_comm="bash",command="unknown_4294967294",transport="ioctl")",
          1)));
}

TEST(RenderEthtool, AnnouncesItsFamiliesWithoutEntries) {
  std::vector<std::string> names;
  for (const auto& family : RenderedEthtool({})) {
    EXPECT_THAT(family.metric, IsEmpty());
    names.push_back(family.name);
  }
  EXPECT_THAT(names, ElementsAre("netchange_ethtool_command_duration_seconds",
                                 "netchange_ethtool_command_errors_total",
                                 "netchange_ethtool_commands_total",
                                 "netchange_ethtool_last_command_timestamp_seconds",
                                 "netchange_ethtool_last_slow_command_timestamp_seconds",
                                 "netchange_ethtool_slow_commands_total"));
}

TEST(RenderEthtool, MergesNamesThatBecomeTheSameText) {
  auto newline = Ethtool(0x43, ETHTOOL_TRANSPORT_IOCTL, 0, {1, 0});
  newline.first.actor = Actor("a\n", "bash");
  auto written = Ethtool(0x43, ETHTOOL_TRANSPORT_IOCTL, 0, {2, 0});
  written.first.actor = Actor("a\\x0a", "bash");
  const auto samples =
      Samples(RenderedEthtool({newline, written}), "netchange_ethtool_commands_total");
  ASSERT_EQ(samples.size(), 1u) << "two samples of the same labels make a page invalid";
  EXPECT_EQ(samples.begin()->second, 3);
}

TEST(RenderEthtool, LeavesOutActorsThatAreSwitchedOff) {
  auto entry = Ethtool(0x43, ETHTOOL_TRANSPORT_IOCTL, 0, {1, 0});
  entry.first.actor = {};
  EXPECT_THAT(
      Samples(RenderedEthtool({entry}), "netchange_ethtool_commands_total"),
      ElementsAre(Pair(
          R"(device="eth0",command="ETHTOOL_GMODULEEEPROM",option="-m",access="get",transport="ioctl")",
          1)));
}

TEST(RenderEthtool, KeepsNamespacesWithTheSameNumberInOneSeries) {
  auto first = Ethtool(0x43, ETHTOOL_TRANSPORT_IOCTL, 0, {1, 0});
  auto second = Ethtool(0x43, ETHTOOL_TRANSPORT_IOCTL, 0, {2, 0});
  first.first.device.netns = second.first.device.netns = 77;
  first.first.device.netns_cookie = 1;
  second.first.device.netns_cookie = 2;
  const auto samples =
      Samples(RenderedEthtool({first, second}), "netchange_ethtool_commands_total");
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_THAT(samples.begin()->first, testing::HasSubstr(R"(netns="77")"));
  EXPECT_EQ(samples.begin()->second, 3);
}

TEST(RenderEthtool, MeasuresDurationsWhoeverAsked) {
  ethtool_duration_key key{};
  key.device = Device("eth0", 77);
  key.command = 0x43;
  key.transport = ETHTOOL_TRANSPORT_IOCTL;
  duration_histogram first{};
  first.sum_ns = 2'500'000'000;
  first.buckets[0] = 2;                // at most 100 µs
  first.buckets[DURATION_BOUNDS] = 1;  // above 10 s
  ethtool_duration_key again = key;    // the same inode number in another namespace
  again.device.netns_cookie = 9;
  duration_histogram second{};
  second.sum_ns = 500'000'000;
  second.buckets[4] = 4;  // at most 1 s
  TestContext test;
  MetricsPage page;
  RenderEthtool({}, {{key, first}, {again, second}}, test.context, page);
  const auto families = Families(page);
  const auto& family = families.front();
  ASSERT_EQ(family.name, "netchange_ethtool_command_duration_seconds");
  ASSERT_EQ(family.metric.size(), 1u);
  std::string labels;
  for (const auto& label : family.metric[0].label) labels += label.name + "=" + label.value + " ";
  EXPECT_EQ(labels, "device=eth0 netns=77 command=ETHTOOL_GMODULEEEPROM transport=ioctl ");
  const auto& histogram = family.metric[0].histogram;
  EXPECT_EQ(histogram.sample_count, 7u);
  EXPECT_EQ(histogram.sample_sum, 3.0);
  ASSERT_EQ(histogram.bucket.size(), 7u);
  EXPECT_EQ(histogram.bucket[0].cumulative_count, 2u);
  EXPECT_EQ(histogram.bucket[3].cumulative_count, 2u);
  EXPECT_EQ(histogram.bucket[4].cumulative_count, 6u);
  EXPECT_EQ(histogram.bucket[6].cumulative_count, 7u);
}

std::pair<xdp_key, counter> Xdp(xdp_operation operation, std::uint16_t error, counter count) {
  xdp_key key{};
  key.device = Device("eth0");
  key.actor = Actor("ip", "bash");
  key.operation = static_cast<__u8>(operation);
  key.mode = XDP_MODE_ID_NATIVE;
  key.error = error;
  Fill(key.program, "pass");
  return {key, count};
}

std::string XdpLabels(const std::string& operation) {
  return R"(device="eth0",comm="ip",parent_comm="bash",operation=")" + operation +
         R"(",mode="native",program="pass")";
}

TEST(RenderXdp, CountsOnlyWhatSucceededAsAChange) {
  TestContext test;
  MetricsPage page;
  RenderXdp({Xdp(XDP_OPERATION_ATTACH, 0, {3, 10 * kSecond}),
             Xdp(XDP_OPERATION_ATTACH, 16, {4, 20 * kSecond}),
             Xdp(XDP_OPERATION_DETACH, 2, {1, 30 * kSecond})},
            test.context, page);
  const auto families = Families(page);
  EXPECT_THAT(Samples(families, "netchange_xdp_changes_total"),
              ElementsAre(Pair(XdpLabels("attach"), 3)));
  EXPECT_THAT(Samples(families, "netchange_xdp_change_errors_total"),
              ElementsAre(Pair(XdpLabels("attach") + R"(,errno="EBUSY")", 4),
                          Pair(XdpLabels("detach") + R"(,errno="ENOENT")", 1)));
  EXPECT_THAT(Samples(families, "netchange_xdp_last_change_timestamp_seconds"),
              ElementsAre(Pair(XdpLabels("attach"), 1'700'000'010.0)))
      << "a failed one changes nothing";
}

std::pair<config_write_key, config_write_counters> Write(std::uint16_t error,
                                                         config_write_counters counters) {
  config_write_key key{};
  key.device = Device("all");
  key.actor = Actor("sysctl", "bash");
  key.kind = CONFIG_KIND_SYSCTL;
  key.error = error;
  Fill(key.setting, "net.ipv4.conf.*.forwarding");
  return {key, counters};
}

constexpr char kForwarding[] =
    R"(device="all",comm="sysctl",parent_comm="bash",kind="sysctl",setting="net.ipv4.conf.*.forwarding")";

TEST(RenderConfigWrites, CountsWritesErrorsAndChanges) {
  TestContext test;
  MetricsPage page;
  RenderConfigWrites({Write(0, {{5, 50 * kSecond}, {2, 20 * kSecond}, {}}),
                      Write(22, {{3, 60 * kSecond}, {}, {}})},
                     {}, test.context, page);
  const auto families = Families(page);
  EXPECT_THAT(Samples(families, "netchange_config_writes_total"),
              ElementsAre(Pair(kForwarding, 8)));
  EXPECT_THAT(Samples(families, "netchange_config_write_errors_total"),
              ElementsAre(Pair(std::string(kForwarding) + R"(,errno="EINVAL")", 3)));
  EXPECT_THAT(Samples(families, "netchange_config_changes_total"),
              ElementsAre(Pair(kForwarding, 2)));
  EXPECT_THAT(Samples(families, "netchange_config_last_change_timestamp_seconds"),
              ElementsAre(Pair(kForwarding, 1'700'000'020.0)));
}

TEST(RenderConfigWrites, GivesNoTimeOfAChangeThatNeverWas) {
  TestContext test;
  MetricsPage page;
  RenderConfigWrites({Write(0, {{5, 50 * kSecond}, {}, {}})}, {}, test.context, page);
  const auto families = Families(page);
  EXPECT_THAT(Samples(families, "netchange_config_changes_total"),
              ElementsAre(Pair(kForwarding, 0)));
  EXPECT_THAT(Samples(families, "netchange_config_last_change_timestamp_seconds"), IsEmpty());
}

TEST(RenderConfigWrites, ShowsValuesWithoutActors) {
  config_value_key key{};
  key.device = Device("eth0", 77);
  key.kind = CONFIG_KIND_SYSCTL;
  Fill(key.setting, "net.ipv4.conf.*.rp_filter");
  TestContext test;
  MetricsPage page;
  RenderConfigWrites({}, {{key, TextValue("-2")}}, test.context, page);
  EXPECT_THAT(
      Samples(Families(page), "netchange_config_value"),
      ElementsAre(Pair(
          R"(kind="sysctl",setting="net.ipv4.conf.*.rp_filter",device="eth0",netns="77")", -2)));
}

TEST(RenderConfigWrites, ShowsNoValueOfWhatIsNoSingleNumber) {
  TestContext test;
  MetricsPage page;
  RenderConfigWrites({}, {{config_value_key{}, config_value{}}}, test.context, page);
  EXPECT_THAT(Samples(Families(page), "netchange_config_value"), IsEmpty());
}

TEST(RenderConfigWrites, NamesQueueAndInterrupt) {
  auto queue = Write(0, {{1, 0}, {}, {}});
  queue.first.kind = CONFIG_KIND_XPS;
  Fill(queue.first.object, "tx-1");
  auto irq = Write(0, {{2, 0}, {}, {}});
  irq.first.kind = CONFIG_KIND_IRQ_AFFINITY;
  Fill(irq.first.object, "24");
  TestContext test;
  MetricsPage page;
  RenderConfigWrites({queue, irq}, {}, test.context, page);
  const std::string common = R"(comm="sysctl",parent_comm="bash",kind=)";
  EXPECT_THAT(
      Samples(Families(page), "netchange_config_writes_total"),
      ElementsAre(
          Pair(common + R"("irq_affinity",setting="net.ipv4.conf.*.forwarding",irq="24")", 2),
          Pair(R"(device="all",)" + common +
                   R"("xps",setting="net.ipv4.conf.*.forwarding",queue="tx-1")",
               1)));
}

// The device comes from sysfs, and there is no namespace: the kernel side leaves both empty.
TEST(RenderConfigWrites, FindsTheDeviceOfAnInterrupt) {
  auto irq = Write(0, {{2, 0}, {}, {}});
  irq.first.device = {};
  irq.first.kind = CONFIG_KIND_IRQ_AFFINITY;
  Fill(irq.first.setting, "smp_affinity");
  Fill(irq.first.object, "24");
  TestContext test;
  std::filesystem::create_directories(test.no_names.path() + "/eth9/device");
  std::ofstream(test.no_names.path() + "/eth9/device/irq") << "24\n";
  MetricsPage page;
  RenderConfigWrites({irq}, {}, test.context, page);
  const std::string labels = R"(device="eth9",comm="sysctl",parent_comm="bash",)"
                             R"(kind="irq_affinity",setting="smp_affinity",irq="24")";
  EXPECT_THAT(Samples(Families(page), "netchange_config_writes_total"),
              ElementsAre(Pair(labels, 2)));
}

TEST(RenderConfigWrites, ShowsNoValueOfAMask) {
  const auto value_of = [](config_kind kind, std::string_view setting) {
    config_value_key key{};
    key.device = Device("eth0");
    key.kind = static_cast<__u8>(kind);
    Fill(key.setting, setting);
    TestContext test;
    MetricsPage page;
    config_value value{};
    value.type = VALUE_TEXT;
    value.size = 1;
    value.bytes[0] = '3';
    RenderConfigWrites({}, {{key, value}}, test.context, page);
    return Samples(Families(page), "netchange_config_value").size();
  };
  EXPECT_EQ(value_of(CONFIG_KIND_RPS, "rps_cpus"), 0u);
  EXPECT_EQ(value_of(CONFIG_KIND_XPS, "xps_cpus"), 0u);
  EXPECT_EQ(value_of(CONFIG_KIND_XPS, "xps_rxqs"), 0u);
  EXPECT_EQ(value_of(CONFIG_KIND_IRQ_AFFINITY, "smp_affinity"), 0u);
  EXPECT_EQ(value_of(CONFIG_KIND_RPS, "rps_flow_cnt"), 1u);
  EXPECT_EQ(value_of(CONFIG_KIND_SYSCTL, "rps_cpus"), 1u);
}

TEST(RenderConfigWrites, ReadsASettingThatTakesAllItsRoom) {
  auto write = Write(0, {{1, 0}, {}, {}});
  const std::string setting(SETTING_SIZE, 's');
  Fill(write.first.setting, setting);
  TestContext test;
  MetricsPage page;
  RenderConfigWrites({write}, {}, test.context, page);
  EXPECT_THAT(
      Samples(Families(page), "netchange_config_writes_total"),
      ElementsAre(Pair(R"(device="all",comm="sysctl",parent_comm="bash",kind="sysctl",setting=")" +
                           setting + '"',
                       1)));
}

}  // namespace
}  // namespace netchange
