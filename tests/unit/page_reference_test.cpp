// SPDX-License-Identifier: Apache-2.0
// Compares pages with those of prometheus-cpp: the same families made by another way, and written
// by its TextSerializer. Both pages are parsed; each family, label and value must be the same.
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <random>

#include "reference_model.h"
#include "rendering.h"
#include "support.h"

namespace netchange {
namespace {

// Entries of any kind, from few names, so that many have the same labels.
class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  std::uint64_t Below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(engine_);
  }
  std::string_view Name() {
    constexpr std::string_view kNames[] = {"",
                                           "a",
                                           "ab",
                                           "a b",
                                           "a!",
                                           "a\"b",
                                           "a\\b",
                                           "a\\x0a",
                                           "a\n",
                                           "eth0",
                                           "eth0.1",
                                           "\xff\xfe",
                                           "sixteen_bytes_if",
                                           "{}",
                                           ",",
                                           "a\",b=\"",
                                           "\x01",
                                           "é",
                                           "=",
                                           "a\"",
                                           "a\x01"};
    return kNames[Below(std::size(kNames))];
  }
  device_ref Device() {
    device_ref device = netchange::Device(Name());
    if (Below(2)) device.netns = static_cast<__u32>(Below(3));
    device.netns_cookie = static_cast<__u32>(Below(2));
    return device;
  }
  actor Actor() { return netchange::Actor(Name(), Name(), Name()); }
  std::uint16_t Errno() {
    constexpr std::uint16_t kErrors[] = {0, EPERM, EOPNOTSUPP, 512, 3999};
    return kErrors[Below(std::size(kErrors))];
  }
  counter Counter() {
    // Up to 2^50: TextSerializer has counts as doubles.
    return {Below(2) ? Below(3) : Below(std::uint64_t{1} << 50), Below(1'000'000'000'000'000)};
  }

 private:
  std::mt19937 engine_;
};

constexpr int kEntries = 2000;

Entries<ethtool_key, ethtool_counters> EthtoolEntries(Random& random) {
  Entries<ethtool_key, ethtool_counters> entries;
  for (int i = 0; i < kEntries; ++i) {
    const ethtool_key key{random.Device(),
                          random.Actor(),
                          static_cast<__u32>(random.Below(4)),
                          random.Errno(),
                          static_cast<__u8>(random.Below(3)),
                          0};
    entries.push_back({key, {random.Counter(), random.Counter()}});
    // An entry of the same labels.
    if (random.Below(4) == 0) {
      entries.push_back(entries.back());
      entries.back().first.error = random.Errno();
      entries.back().second.slow.count = random.Below(2);
    }
  }
  return entries;
}

Entries<ethtool_duration_key, duration_histogram> DurationEntries(Random& random) {
  Entries<ethtool_duration_key, duration_histogram> entries;
  for (int i = 0; i < kEntries / 4; ++i) {
    duration_histogram durations{};
    for (auto& bucket : durations.buckets) bucket = random.Below(1000);
    durations.sum_ns = random.Below(1000) * 1'000'000'000;  // whole seconds: exact as doubles
    entries.push_back({{random.Device(),
                        static_cast<__u32>(random.Below(4)),
                        static_cast<__u8>(random.Below(3)),
                        0,
                        {}},
                       durations});
  }
  return entries;
}

Entries<xdp_key, counter> XdpEntries(Random& random) {
  Entries<xdp_key, counter> entries;
  for (int i = 0; i < kEntries; ++i) {
    xdp_key key{random.Device(),
                random.Actor(),
                {},
                random.Errno(),
                static_cast<__u8>(random.Below(6)),
                static_cast<__u8>(random.Below(5))};
    Fill(key.program, random.Name());
    entries.push_back({key, random.Counter()});
  }
  return entries;
}

Entries<config_write_key, config_write_counters> WriteEntries(Random& random) {
  Entries<config_write_key, config_write_counters> entries;
  for (int i = 0; i < kEntries; ++i) {
    config_write_key key{random.Device(),
                         random.Actor(),
                         {},
                         {},
                         random.Errno(),
                         static_cast<__u8>(random.Below(7)),
                         0};
    Fill(key.setting, random.Name());
    Fill(key.object, random.Name());
    entries.push_back({key, {random.Counter(), random.Counter(), {}}});
  }
  return entries;
}

Entries<config_value_key, config_value> ValueEntries(Random& random) {
  Entries<config_value_key, config_value> entries;
  for (int i = 0; i < kEntries; ++i) {
    config_value_key key{random.Device(), {}, {}, static_cast<__u8>(random.Below(7)), {}};
    Fill(key.setting, random.Name());
    Fill(key.object, random.Name());
    const std::string number = std::to_string(static_cast<std::int64_t>(random.Below(2000)) - 1000);
    entries.push_back({key, TextValue(random.Below(3) ? number : "text")});
  }
  return entries;
}

using Families = std::vector<prometheus::MetricFamily>;

// The order of samples differs where a name has characters before '"'.
void SortSamples(Families& families) {
  for (auto& family : families) {
    std::sort(family.metric.begin(), family.metric.end(),
              [](const auto& a, const auto& b) { return a.label < b.label; });
  }
}

// TextSerializer writes 16 digits, which is not always the same double.
void ExpectSame(double ours, double reference, const std::string& where) {
  EXPECT_LE(std::abs(ours - reference), std::abs(reference) * 1e-15) << where;
}

void ExpectSame(const prometheus::ClientMetric& ours, const prometheus::ClientMetric& reference,
                const std::string& where) {
  EXPECT_EQ(ours.label, reference.label) << where;
  ExpectSame(ours.counter.value, reference.counter.value, where);
  ExpectSame(ours.gauge.value, reference.gauge.value, where);
  EXPECT_EQ(ours.histogram.sample_count, reference.histogram.sample_count) << where;
  ExpectSame(ours.histogram.sample_sum, reference.histogram.sample_sum, where);
  ASSERT_EQ(ours.histogram.bucket.size(), reference.histogram.bucket.size()) << where;
  for (std::size_t i = 0; i < ours.histogram.bucket.size(); ++i) {
    EXPECT_EQ(ours.histogram.bucket[i].cumulative_count,
              reference.histogram.bucket[i].cumulative_count);
    EXPECT_EQ(ours.histogram.bucket[i].upper_bound, reference.histogram.bucket[i].upper_bound);
  }
}

void ExpectSame(Families ours, Families reference) {
  SortSamples(ours);
  SortSamples(reference);
  ASSERT_EQ(ours.size(), reference.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    EXPECT_EQ(ours[i].name, reference[i].name);
    EXPECT_EQ(ours[i].help, reference[i].help);
    EXPECT_EQ(ours[i].type, reference[i].type);
    ASSERT_EQ(ours[i].metric.size(), reference[i].metric.size()) << ours[i].name;
    for (std::size_t k = 0; k < ours[i].metric.size(); ++k)
      ExpectSame(ours[i].metric[k], reference[i].metric[k], ours[i].name);
  }
}

TEST(PageReference, HasTheSameFamiliesLabelsAndValues) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    Random random(seed);
    const auto commands = EthtoolEntries(random);
    const auto durations = DurationEntries(random);
    const auto changes = XdpEntries(random);
    const auto writes = WriteEntries(random);
    const auto values = ValueEntries(random);
    TestContext test;
    MetricsPage page;
    RenderEthtool(commands, durations, test.context, page);
    RenderXdp(changes, test.context, page);
    RenderConfigWrites(writes, values, test.context, page);
    page.own().AddGauge("process_start_time_seconds", "Start.", {}, 1764214410.415004);
    page.own().AddCounter("own_total", "Own.", {{"a", "\"\\\n"}}, 1e15);
    FamilySet reference;
    AddReference(EthtoolSchema(), commands, test.context, reference);
    AddReference(EthtoolDurationSchema(), durations, test.context, reference);
    AddReference(XdpSchema(), changes, test.context, reference);
    AddReference(ConfigWriteSchema(), writes, test.context, reference);
    AddReference(ConfigValueSchema(), values, test.context, reference);
    reference.AddGauge("process_start_time_seconds", "Start.", {}, 1764214410.415004);
    reference.AddCounter("own_total", "Own.", {{"a", "\"\\\n"}}, 1e15);
    ExpectSame(netchange::Families(page),
               ParsePage(prometheus::TextSerializer().Serialize(reference.Take())));
  }
}

}  // namespace
}  // namespace netchange
