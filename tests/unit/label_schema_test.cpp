// SPDX-License-Identifier: Apache-2.0
#include "metrics/label_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  double count = 0;
  double newest = 0;
};
using Entries = std::vector<std::pair<Key, Value>>;

constexpr Label<Key> kLabels[] = {
    {"name", [](const Key& k, const RenderContext&) { return k.name; }},
    {"zone", [](const Key& k, const RenderContext&) { return k.zone; }},
};
constexpr Label<Key> kErrorLabels[] = {
    kLabels[0],
    kLabels[1],
    {"error", [](const Key& k, const RenderContext&) { return std::to_string(k.error); }},
};

bool Every(const Key&, const Value&) { return true; }
bool Failed(const Key& k, const Value&) { return k.error != 0; }
bool Counted(const Key&, const Value& v) { return v.count > 0; }
double Count(const Value& v, const RenderContext&) { return v.count; }
double Newest(const Value& v, const RenderContext&) { return v.newest; }
double BootTime(const Value&, const RenderContext& c) { return c.clock.UnixSeconds(0); }

using M = Metric<Key, Value>;
constexpr M kSum{"sum_total", "Sum.", MetricType::Counter, kLabels, Fold::kSum, Every, Count};
constexpr M kMax{"max", "Max.", MetricType::Gauge, kLabels, Fold::kMax, Every, Newest};
constexpr M kErrors{"errors_total", "Errors.", MetricType::Counter, kErrorLabels, Fold::kSum,
                    Failed,         Count};
constexpr M kCounted{"counted", "Counted.", MetricType::Gauge, kLabels, Fold::kSum, Counted, Count};
constexpr M kBoot{"boot", "Boot.", MetricType::Gauge, kLabels, Fold::kMax, Every, BootTime};

std::map<std::string, double> Rendered(const M& metric, const Entries& entries) {
  TestContext test;
  FamilySet set;
  Render(metric, entries, test.context, set);
  return Samples(set.Take(), metric.name);
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

TEST(Render, AnnouncesAFamilyWithoutSamples) {
  TestContext test;
  FamilySet set;
  Render(kSum, Entries{}, test.context, set);
  Render(kErrors, Entries{{{"a", "x", 0}, {1, 0}}}, test.context, set);
  const auto families = set.Take();
  ASSERT_EQ(families.size(), 2u);
  EXPECT_EQ(families[0].name, "errors_total");
  EXPECT_EQ(families[0].help, "Errors.");
  EXPECT_EQ(families[0].type, MetricType::Counter);
  EXPECT_THAT(families[0].metric, IsEmpty());
  EXPECT_EQ(families[1].name, "sum_total");
  EXPECT_THAT(families[1].metric, IsEmpty());
}

TEST(Render, GivesTheContextToTheTables) {
  EXPECT_THAT(Rendered(kBoot, {{{"a", ""}, {}}}),
              ElementsAre(Pair(R"(name="a")", 1'700'000'000.0)));
}

TEST(RenderHistogram, SumsEntriesWithTheSameLabels) {
  duration_histogram one{}, two{};
  one.sum_ns = 1'000'000'000;
  one.buckets[0] = 1;
  two.sum_ns = 2'000'000'000;
  two.buckets[0] = 3;
  two.buckets[1] = 5;
  const std::vector<std::pair<Key, duration_histogram>> entries = {
      {{"a", "x", 1}, one}, {{"b", "x", 1}, one}, {{"a", "x", 2}, two}};
  TestContext test;
  FamilySet set;
  RenderHistogram<Key>("h_seconds", "H.", kLabels, entries, test.context, set);
  const auto families = set.Take();
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

TEST(RenderHistogram, AnnouncesAFamilyWithoutSamples) {
  TestContext test;
  FamilySet set;
  RenderHistogram<Key>("h_seconds", "H.", kLabels, {}, test.context, set);
  const auto families = set.Take();
  ASSERT_EQ(families.size(), 1u);
  EXPECT_EQ(families[0].name, "h_seconds");
  EXPECT_THAT(families[0].metric, IsEmpty());
}

TEST(RenderAll, RendersEveryMetricOfATable) {
  constexpr M kAll[] = {kSum, kMax};
  TestContext test;
  FamilySet set;
  RenderAll<Key, Value>(kAll, {{{"a", "x"}, {1, 9}}}, test.context, set);
  const auto families = set.Take();
  EXPECT_EQ(families.size(), 2u);
  EXPECT_THAT(Samples(families, "sum_total"), ElementsAre(Pair(R"(name="a",zone="x")", 1)));
  EXPECT_THAT(Samples(families, "max"), ElementsAre(Pair(R"(name="a",zone="x")", 9)));
}

}  // namespace
}  // namespace netchange
