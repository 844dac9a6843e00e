// SPDX-License-Identifier: Apache-2.0
#include "metrics/metrics_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "rendering.h"
#include "support.h"

namespace netchange {
namespace {

using prometheus::MetricType;
using testing::ElementsAre;
using testing::Pair;

const std::vector<SeriesFamily> kFamilies = {{"b_total", "B.", MetricType::Counter, false},
                                             {"d", "D.", MetricType::Gauge, false}};

void AddRow(SeriesTable& table, std::string_view labels, std::uint64_t count, double gauge) {
  const Number numbers[] = {{.count = count}, {.value = gauge}};
  table.Add(labels, "", 3, numbers);
}

TEST(MetricsPage, SortsFamiliesOfBothKindsByName) {
  MetricsPage page;
  AddRow(page.AddTable(kFamilies, 0), "", 1, 2);
  page.own().AddGauge("c", "C.", {}, 3);
  page.own().AddGauge("a", "A.", {}, 4);
  page.own().AddGauge("e", "E.", {}, 5);
  EXPECT_EQ(Written(page),
            "# HELP a A.\n# TYPE a gauge\na 4\n# HELP b_total B.\n# TYPE b_total counter\n"
            "b_total 1\n# HELP c C.\n# TYPE c gauge\nc 3\n# HELP d D.\n# TYPE d gauge\nd 2\n"
            "# HELP e E.\n# TYPE e gauge\ne 5\n");
}

TEST(MetricsPage, MergesTheTablesOfCollectorsThatShareFamilies) {
  MetricsPage page;
  AddRow(page.AddTable(kFamilies, 0), R"(kind="sysctl")", 1, 0);
  SeriesTable& other = page.AddTable(kFamilies, 3);
  AddRow(other, R"(kind="rps")", 2, 0);
  AddRow(other, R"(kind="xps")", 3, 0);
  EXPECT_THAT(
      Samples(Families(page), "b_total"),
      ElementsAre(Pair(R"(kind="rps")", 2), Pair(R"(kind="sysctl")", 1), Pair(R"(kind="xps")", 3)));
  EXPECT_EQ(page.SeriesOf(0), 2U);
  EXPECT_EQ(page.SeriesOf(3), 4U);
  EXPECT_EQ(page.SeriesOf(1), 0U);
}

TEST(MetricsPage, DropsTheTablesOfACollectorThatFailed) {
  MetricsPage page;
  AddRow(page.AddTable(kFamilies, 0), R"(a="1")", 1, 0);
  const std::size_t tables = page.Tables();
  AddRow(page.AddTable(kFamilies, 1), R"(a="2")", 2, 0);
  AddRow(page.AddTable({{"z", "Z.", MetricType::Gauge, false}}, 1), "", 2, 0);
  page.KeepTables(tables);
  const auto families = Families(page);
  EXPECT_EQ(families.size(), 2U) << "a family of nobody else is not announced";
  EXPECT_THAT(Samples(families, "b_total"), ElementsAre(Pair(R"(a="1")", 1)));
  EXPECT_EQ(page.SeriesOf(1), 0U);
}

TEST(MetricsPage, CountsTheLinesOfThePageAsSeries) {
  duration_histogram durations{};
  Entries<ethtool_key, ethtool_counters> commands;
  // Two errors and a success of the same labels; a slow one of others.
  for (const int error : {0, 95, 1, 95}) {
    ethtool_key key{Device("eth0"), Actor("a", "b"), 1, static_cast<__u16>(error), 1, 0};
    key.device.netns_cookie = static_cast<__u32>(commands.size());
    commands.push_back({key, {{1, 1}, {}}});
  }
  commands.push_back({{Device("eth1"), Actor("a", "b"), 1, 0, 1, 0}, {{1, 1}, {1, 1}}});
  TestContext test;
  MetricsPage page;
  RenderEthtool(commands, {{{Device("eth0"), 1, 1, 0, {}}, durations}}, test.context, page);
  std::istringstream lines(Written(page));
  std::size_t series = 0;
  for (std::string line; std::getline(lines, line);) series += !line.starts_with('#');
  EXPECT_EQ(page.SeriesOf(0), series);
  EXPECT_EQ(series, 2U + 2U + 2U + 1U + 1U + 9U);
}

// Many rows, whose labels have long common beginnings: more than is compared as a whole.
TEST(MetricsPage, SortsRowsByTheirLabels) {
  std::vector<std::string> labels;
  for (int i = 0; i < 5000; ++i) {
    const std::string number = std::to_string(i * 7919 % 5000);
    labels.push_back("a=\"" + std::string(i % 3 * 20, 'x') + number + '"');
  }
  MetricsPage page;
  SeriesTable& table = page.AddTable({{"g", "G.", MetricType::Gauge, false}}, 0);
  for (const std::string& text : labels) {
    const Number number{.value = 1};
    table.Add(text, "", 1, {&number, 1});
  }
  std::sort(labels.begin(), labels.end());
  std::string expected = "# HELP g G.\n# TYPE g gauge\n";
  for (const std::string& text : labels) expected += "g{" + text + "} 1\n";
  EXPECT_EQ(Written(page), expected);
}

TEST(MetricsPage, StopsWritingWhenNobodyWantsTheRest) {
  MetricsPage page;
  SeriesTable& table = page.AddTable(kFamilies, 0);
  for (int i = 0; i < 10000; ++i) AddRow(table, "a=\"" + std::to_string(i) + '"', 1, 0);
  page.Sort();
  int pieces = 0;
  page.Write([&](std::string_view) { return ++pieces < 2; });
  EXPECT_EQ(pieces, 2);
}

}  // namespace
}  // namespace netchange
