// SPDX-License-Identifier: Apache-2.0
#include "metrics/family_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(FamilySet, IsEmptyAfterItWasTaken) {
  FamilySet set;
  set.AddGauge("g", "G.", {}, 1);
  EXPECT_EQ(set.Take().size(), 1u);
  EXPECT_THAT(set.Take(), IsEmpty());
  set.AddGauge("g", "G.", {}, 2);
  EXPECT_THAT(Samples(set.Take(), "g"), ElementsAre(Pair("", 2)));
}

}  // namespace
}  // namespace netchange
