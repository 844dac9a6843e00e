// SPDX-License-Identifier: Apache-2.0
#include "metrics/family_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics/serializer.h"
#include "support.h"

namespace netchange {
namespace {

using prometheus::MetricType;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::vector<std::string> Names(const std::vector<prometheus::MetricFamily>& families) {
  std::vector<std::string> names;
  for (const auto& family : families) names.push_back(family.name);
  return names;
}

TEST(FamilySet, MakesEachFamilyOnce) {
  FamilySet set;
  auto& first = set.Family("a_total", "A.", MetricType::Counter);
  set.Family("b", "B.", MetricType::Gauge);
  EXPECT_EQ(&set.Family("a_total", "A.", MetricType::Counter), &first);
  EXPECT_THAT(Names(set.Take()), ElementsAre("a_total", "b"));
}

TEST(FamilySet, KeepsNameHelpAndType) {
  FamilySet set;
  set.Family("a_total", "Help of a.", MetricType::Counter);
  set.Family("b", "Help of b.", MetricType::Gauge);
  const auto families = set.Take();
  ASSERT_EQ(families.size(), 2u);
  EXPECT_EQ(families[0].help, "Help of a.");
  EXPECT_EQ(families[0].type, MetricType::Counter);
  EXPECT_EQ(families[1].help, "Help of b.");
  EXPECT_EQ(families[1].type, MetricType::Gauge);
}

TEST(FamilySet, MergesTheSamplesOfCollectorsThatShareAFamily) {
  FamilySet set;
  set.AddCounter("writes_total", "W.", {{"kind", "sysctl"}}, 1);
  set.AddCounter("writes_total", "W.", {{"kind", "rps"}}, 2);
  EXPECT_THAT(Samples(set.Take(), "writes_total"),
              ElementsAre(Pair("kind=\"rps\"", 2), Pair("kind=\"sysctl\"", 1)));
}

TEST(FamilySet, LeavesEmptyLabelsOut) {
  FamilySet set;
  set.AddGauge("g", "G.", {{"device", "eth0"}, {"netns", ""}, {"comm", "ip"}}, 1);
  set.AddGauge("g", "G.", {{"device", ""}, {"netns", ""}, {"comm", ""}}, 2);
  EXPECT_THAT(Samples(set.Take(), "g"),
              ElementsAre(Pair("", 2), Pair("device=\"eth0\",comm=\"ip\"", 1)));
}

TEST(FamilySet, SortsFamiliesByNameAndSamplesByLabels) {
  FamilySet set;
  set.AddGauge("z", "Z.", {}, 0);
  set.AddGauge("a", "A.", {{"x", "10"}, {"y", "1"}}, 1);
  set.AddGauge("a", "A.", {{"x", "1"}, {"y", "2"}}, 2);
  set.AddGauge("a", "A.", {{"x", "1"}, {"y", "1"}}, 3);
  set.AddGauge("a", "A.", {{"x", ""}, {"y", "9"}}, 4);
  set.AddGauge("m", "M.", {}, 0);
  const auto families = set.Take();
  EXPECT_THAT(Names(families), ElementsAre("a", "m", "z"));
  std::vector<double> order;
  for (const auto& metric : families.at(0).metric) order.push_back(metric.gauge.value);
  EXPECT_THAT(order, ElementsAre(3, 2, 1, 4))
      << "by label name, then value; a label left out does not count";
}

TEST(FamilySet, WritesCountersAndGaugesAsWhatTheyAre) {
  FamilySet set;
  set.AddCounter("c_total", "C.", {}, 5);
  set.AddGauge("g", "G.", {}, -2.5);
  EXPECT_EQ(SerializeText(set.Take()),
            "# HELP c_total C.\n# TYPE c_total counter\nc_total 5\n"
            "# HELP g G.\n# TYPE g gauge\ng -2.5\n");
}

TEST(FamilySet, AnnouncesAFamilyWithoutSamples) {
  FamilySet set;
  set.Family("c_total", "C.", MetricType::Counter);
  EXPECT_EQ(SerializeText(set.Take()), "# HELP c_total C.\n# TYPE c_total counter\n");
}

TEST(FamilySet, WritesHistogramsInSecondsWithCumulativeBuckets) {
  duration_histogram durations{};
  durations.sum_ns = 12'500'000'000;
  for (std::size_t i = 0; i < std::size(durations.buckets); ++i) durations.buckets[i] = i + 1;
  FamilySet set;
  auto& family = set.Family("h_seconds", "H.", MetricType::Histogram);
  FamilySet::AddHistogram(family, {{"device", "eth0"}, {"netns", ""}}, durations);
  std::string expected = "# HELP h_seconds H.\n# TYPE h_seconds histogram\n";
  expected += "h_seconds_count{device=\"eth0\"} 28\nh_seconds_sum{device=\"eth0\"} 12.5\n";
  const char* const bounds[] = {"0.0001", "0.001", "0.01", "0.1", "1", "10", "+Inf"};
  const int counts[] = {1, 3, 6, 10, 15, 21, 28};
  for (std::size_t i = 0; i < std::size(bounds); ++i) {
    expected += std::string("h_seconds_bucket{device=\"eth0\",le=\"") + bounds[i] + "\"} " +
                std::to_string(counts[i]) + "\n";
  }
  EXPECT_EQ(SerializeText(set.Take()), expected);
}

TEST(FamilySet, CountsTheLinesOfThePageAsSeries) {
  FamilySet set;
  EXPECT_EQ(set.Series(), 0U);
  set.AddCounter("c_total", "C.", {{"a", "1"}}, 5);
  set.AddCounter("c_total", "C.", {{"a", "2"}}, 5);
  FamilySet::AddHistogram(set.Family("h_seconds", "H.", MetricType::Histogram), {}, {});
  const std::size_t series = set.Series();
  std::istringstream page(SerializeText(set.Take()));
  std::size_t lines = 0;
  for (std::string line; std::getline(page, line);) lines += !line.starts_with('#');
  EXPECT_EQ(series, lines);
  EXPECT_EQ(series, 2U + 9U);
}

TEST(FamilySet, IsEmptyAfterItWasTaken) {
  FamilySet set;
  set.AddGauge("g", "G.", {}, 1);
  EXPECT_EQ(set.Take().size(), 1u);
  EXPECT_THAT(set.Take(), IsEmpty());
  set.AddGauge("g", "G.", {}, 2);
  EXPECT_THAT(Samples(set.Take(), "g"), ElementsAre(Pair("", 2)));
}

TEST(SerializeText, EscapesLabelValues) {
  FamilySet set;
  set.AddGauge("g", "G.", {{"l", "a\"b\\c\nd"}}, 1);
  EXPECT_EQ(SerializeText(set.Take()), "# HELP g G.\n# TYPE g gauge\ng{l=\"a\\\"b\\\\c\\nd\"} 1\n");
}

TEST(SerializeText, KeepsMicrosecondsOfTimestampsAndEveryUnitOfLargeCounts) {
  FamilySet set;
  set.AddCounter("c_total", "C.", {}, 9007199254740991.0);  // 2^53 - 1
  set.AddGauge("t_seconds", "T.", {}, 1700000123.456789);
  const std::string page = SerializeText(set.Take());
  EXPECT_NE(page.find("\nc_total 9007199254740991\n"), std::string::npos) << page;
  EXPECT_NE(page.find("\nt_seconds 1700000123.456789\n"), std::string::npos) << page;
}

}  // namespace
}  // namespace netchange
