// SPDX-License-Identifier: Apache-2.0
#include "metrics/label_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rendering.h"
#include "support.h"

namespace netchange {
namespace {

using prometheus::MetricType;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

struct Key {
  std::string name;
  std::string zone;
  int error = 0;
};
struct Value {
  std::uint64_t count = 0;
  double newest = 0;
};
using Entries = std::vector<std::pair<Key, Value>>;

constexpr Label<Key> kLabels[] = {
    {"name", [](const Key& k, const RenderContext&, LabelText& out) { out.Append(k.name); }},
    {"zone", [](const Key& k, const RenderContext&, LabelText& out) { out.Append(k.zone); }},
};
constexpr Label<Key> kError = {"error", [](const Key& k, const RenderContext&, LabelText& out) {
                                 out.Append(std::to_string(k.error));
                               }};

bool Failed(const Key& k, const Value&) { return k.error != 0; }
bool Counted(const Key&, const Value& v) { return v.count > 0; }
std::uint64_t Count(const Value& v) { return v.count; }
double Newest(const Value& v, const RenderContext&) { return v.newest; }
double BootTime(const Value&, const RenderContext& c) { return c.clock.UnixSeconds(0); }

using M = Metric<Key, Value>;
constexpr M kSum{.name = "sum_total", .help = "Sum.", .count = Count};
constexpr M kMax{.name = "max", .help = "Max.", .gauge = Newest};
constexpr M kErrors{
    .name = "errors_total", .help = "Errors.", .by_errno = true, .takes = Failed, .count = Count};
constexpr M kCounted{.name = "counted_total", .help = "Counted.", .takes = Counted, .count = Count};
constexpr M kBoot{.name = "boot", .help = "Boot.", .gauge = BootTime};

Schema<Key, Value> SchemaOf(std::span<const M> metrics) { return {kLabels, metrics, kError}; }

std::vector<prometheus::MetricFamily> Rendered(std::span<const M> metrics, const Entries& entries) {
  TestContext test;
  MetricsPage page;
  AddEntries(SchemaOf(metrics), entries, test.context, page);
  return Families(page);
}

std::map<std::string, double> Rendered(const M& metric, const Entries& entries) {
  return Samples(Rendered({&metric, 1}, entries), metric.name);
}

TEST(Render, MakesASampleOfEachSetOfLabels) {
  const Entries entries = {{{"a", "x"}, {1, 0}}, {{"a", "y"}, {2, 0}}, {{"b", "x"}, {3, 0}}};
  EXPECT_THAT(Rendered(kSum, entries),
              ElementsAre(Pair(R"(name="a",zone="x")", 1), Pair(R"(name="a",zone="y")", 2),
                          Pair(R"(name="b",zone="x")", 3)));
}

TEST(Render, SumsEntriesWithTheSameLabels) {
  const Entries entries = {
      {{"a", "x", 0}, {1, 0}}, {{"a", "x", 5}, {2, 0}}, {{"a", "x", 7}, {4, 0}}};
  EXPECT_THAT(Rendered(kSum, entries), ElementsAre(Pair(R"(name="a",zone="x")", 7)));
}

TEST(Render, TakesTheLargestOfEntriesWithTheSameLabels) {
  const Entries entries = {
      {{"a", "x", 0}, {0, -3}}, {{"a", "x", 5}, {0, -1}}, {{"a", "x", 7}, {0, -2}}};
  EXPECT_THAT(Rendered(kMax, entries), ElementsAre(Pair(R"(name="a",zone="x")", -1)));
}

TEST(Render, DoesNotMixLabelsWhoseTextsJoinToTheSame) {
  const Entries entries = {
      {{"ab", "c"}, {1, 0}}, {{"a", "bc"}, {2, 0}}, {{"", "abc"}, {4, 0}}, {{"abc", ""}, {8, 0}}};
  EXPECT_THAT(Rendered(kSum, entries),
              ElementsAre(Pair(R"(name="a",zone="bc")", 2), Pair(R"(name="ab",zone="c")", 1),
                          Pair(R"(name="abc")", 8), Pair(R"(zone="abc")", 4)));
}

TEST(Render, LeavesOutEntriesThatAMetricDoesNotTake) {
  const Entries entries = {
      {{"a", "x", 0}, {1, 0}}, {{"a", "x", 5}, {2, 0}}, {{"b", "x", 0}, {0, 0}}};
  EXPECT_THAT(Rendered(kErrors, entries), ElementsAre(Pair(R"(name="a",zone="x",error="5")", 2)));
  EXPECT_THAT(Rendered(kCounted, entries), ElementsAre(Pair(R"(name="a",zone="x")", 3)));
}

// A record without errno between two of the same labels, and labels that begin as others do.
TEST(Render, KeepsSamplesWithAndWithoutErrnoApart) {
  constexpr M kBoth[] = {kErrors, kSum};
  const Entries entries = {{{"a", "", 5}, {1, 0}},   {{"a", "x", 0}, {2, 0}},
                           {{"a", "", 0}, {4, 0}},   {{"a", "", 7}, {8, 0}},
                           {{"a", "x", 5}, {16, 0}}, {{"a", "", 5}, {32, 0}}};
  const auto families = Rendered(kBoth, entries);
  EXPECT_THAT(Samples(families, "sum_total"),
              ElementsAre(Pair(R"(name="a")", 45), Pair(R"(name="a",zone="x")", 18)));
  EXPECT_THAT(Samples(families, "errors_total"),
              ElementsAre(Pair(R"(name="a",error="5")", 33), Pair(R"(name="a",error="7")", 8),
                          Pair(R"(name="a",zone="x",error="5")", 16)));
}

TEST(Render, AnnouncesAFamilyWithoutSamples) {
  constexpr M kBoth[] = {kSum, kErrors};
  for (const Entries& entries : {Entries{}, Entries{{{"a", "x", 0}, {1, 0}}}}) {
    const auto families = Rendered(kBoth, entries);
    ASSERT_EQ(families.size(), 2u);
    EXPECT_EQ(families[0].name, "errors_total");
    EXPECT_EQ(families[0].help, "Errors.");
    EXPECT_EQ(families[0].type, MetricType::Counter);
    EXPECT_THAT(families[0].metric, IsEmpty());
    EXPECT_EQ(families[1].name, "sum_total");
    EXPECT_EQ(families[1].metric.size(), entries.size());
  }
}

TEST(Render, GivesTheContextToTheTables) {
  EXPECT_THAT(Rendered(kBoot, {{{"a", ""}, {}}}),
              ElementsAre(Pair(R"(name="a")", 1'700'000'000.0)));
}

using HistogramMetric = Metric<Key, duration_histogram>;
constexpr HistogramMetric kHistogram[] = {
    {.name = "h_seconds",
     .help = "H.",
     .durations = [](const duration_histogram& d) -> const duration_histogram& { return d; }},
};
constexpr Schema<Key, duration_histogram> kHistogramSchema{kLabels, kHistogram};

TEST(RenderHistogram, SumsEntriesWithTheSameLabels) {
  duration_histogram one{}, two{};
  one.sum_ns = 1'000'000'000;
  one.buckets[0] = 1;
  two.sum_ns = 2'000'000'000;
  two.buckets[0] = 3;
  two.buckets[1] = 5;
  TestContext test;
  MetricsPage page;
  AddEntries(kHistogramSchema, {{{"a", "x", 1}, one}, {{"b", "x", 1}, one}, {{"a", "x", 2}, two}},
             test.context, page);
  const auto families = Families(page);
  ASSERT_EQ(families.size(), 1u);
  EXPECT_EQ(families[0].type, MetricType::Histogram);
  ASSERT_EQ(families[0].metric.size(), 2u);
  const auto& a = families[0].metric[0];
  EXPECT_EQ(a.label.at(0).value, "a");
  EXPECT_EQ(a.histogram.sample_count, 9u);
  EXPECT_EQ(a.histogram.sample_sum, 3.0);
  EXPECT_EQ(a.histogram.bucket.at(0).cumulative_count, 4u);
  EXPECT_EQ(a.histogram.bucket.at(1).cumulative_count, 9u);
  EXPECT_EQ(families[0].metric[1].histogram.sample_count, 1u);
}

TEST(RenderHistogram, WritesSecondsAndCumulativeBuckets) {
  duration_histogram durations{};
  durations.sum_ns = 12'500'000'000;
  for (std::size_t i = 0; i < std::size(durations.buckets); ++i) durations.buckets[i] = i + 1;
  TestContext test;
  MetricsPage page;
  AddEntries(kHistogramSchema, {{{"a", "", 0}, durations}}, test.context, page);
  std::string expected = "# HELP h_seconds H.\n# TYPE h_seconds histogram\n";
  expected += "h_seconds_count{name=\"a\"} 28\nh_seconds_sum{name=\"a\"} 12.5\n";
  const char* const bounds[] = {"0.0001", "0.001", "0.01", "0.1", "1", "10", "+Inf"};
  const int counts[] = {1, 3, 6, 10, 15, 21, 28};
  for (std::size_t i = 0; i < std::size(bounds); ++i) {
    expected += std::string("h_seconds_bucket{name=\"a\",le=\"") + bounds[i] + "\"} " +
                std::to_string(counts[i]) + "\n";
  }
  EXPECT_EQ(Written(page), expected);
}

TEST(RenderHistogram, AnnouncesAFamilyWithoutSamples) {
  TestContext test;
  MetricsPage page;
  AddEntries(kHistogramSchema, {}, test.context, page);
  EXPECT_EQ(Written(page), "# HELP h_seconds H.\n# TYPE h_seconds histogram\n");
}

}  // namespace
}  // namespace netchange
