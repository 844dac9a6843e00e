// SPDX-License-Identifier: Apache-2.0
#include "page_parser.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <string>

namespace netchange {
namespace {

using Labels = std::vector<prometheus::ClientMetric::Label>;

struct Line {
  std::string name;
  Labels labels;
  double value = 0;
};

// The text up to `end`, which is removed from `rest`, too.
std::string Until(char end, std::string_view& rest) {
  const auto at = rest.find(end);
  EXPECT_NE(at, std::string_view::npos) << "no '" << end << "' in " << rest;
  const std::string text(rest.substr(0, at));
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
  return text;
}

// A value in quotes; `rest` begins after the first one.
std::string Unquoted(std::string_view& rest) {
  std::string text;
  while (!rest.empty() && rest.front() != '"') {
    if (rest.front() == '\\') {
      rest.remove_prefix(1);
      EXPECT_TRUE(rest.starts_with('n') || rest.starts_with('"') || rest.starts_with('\\')) << rest;
      text += rest.starts_with('n') ? '\n' : rest.front();
    } else {
      text += rest.front();
    }
    rest.remove_prefix(1);
  }
  EXPECT_TRUE(rest.starts_with('"'));
  rest.remove_prefix(rest.empty() ? 0 : 1);
  return text;
}

Line ParseSample(std::string_view rest) {
  Line line;
  if (rest.find('{') < rest.find(' ')) {
    line.name = Until('{', rest);
    do {
      const std::string name = Until('=', rest);
      EXPECT_TRUE(rest.starts_with('"')) << rest;
      rest.remove_prefix(1);
      line.labels.push_back({name, Unquoted(rest)});
      if (!rest.starts_with(',')) break;
      rest.remove_prefix(1);
    } while (true);
    EXPECT_TRUE(rest.starts_with("} ")) << rest;
    rest.remove_prefix(2);
  } else {
    line.name = Until(' ', rest);
  }
  const std::string number(rest);
  char* end = nullptr;
  line.value = std::strtod(number.c_str(), &end);
  EXPECT_TRUE(end != number.c_str() && *end == '\0') << number;
  return line;
}

std::optional<prometheus::MetricType> TypeOf(const std::string& name) {
  if (name == "counter") return prometheus::MetricType::Counter;
  if (name == "gauge") return prometheus::MetricType::Gauge;
  if (name == "histogram") return prometheus::MetricType::Histogram;
  return std::nullopt;
}

void AddToHistogram(const Line& line, prometheus::MetricFamily& family) {
  const std::string suffix = line.name.substr(family.name.size());
  Labels labels = line.labels;
  std::string bound;
  if (suffix == "_bucket") {
    ASSERT_FALSE(labels.empty());
    ASSERT_EQ(labels.back().name, "le");
    bound = labels.back().value;
    labels.pop_back();
  }
  if (family.metric.empty() || family.metric.back().label != labels)
    family.metric.emplace_back().label = labels;
  auto& histogram = family.metric.back().histogram;
  const auto count = static_cast<std::uint64_t>(line.value);
  if (suffix == "_bucket")
    histogram.bucket.push_back({count, std::strtod(bound.c_str(), nullptr)});
  else if (suffix == "_count")
    histogram.sample_count = count;
  else if (suffix == "_sum")
    histogram.sample_sum = line.value;
  else
    ADD_FAILURE() << line.name << " in " << family.name;
}

void AddSample(const Line& line, prometheus::MetricFamily& family) {
  if (family.type == prometheus::MetricType::Histogram) return AddToHistogram(line, family);
  ASSERT_EQ(line.name, family.name);
  auto& metric = family.metric.emplace_back();
  metric.label = line.labels;
  const bool is_counter = family.type == prometheus::MetricType::Counter;
  (is_counter ? metric.counter.value : metric.gauge.value) = line.value;
}

}  // namespace

std::vector<prometheus::MetricFamily> ParsePage(std::string_view page) {
  constexpr std::string_view kHelp = "# HELP ", kType = "# TYPE ";
  std::vector<prometheus::MetricFamily> families;
  while (!page.empty()) {
    const std::string text = Until('\n', page);
    std::string_view line = text;
    if (line.starts_with(kHelp)) {
      line.remove_prefix(kHelp.size());
      const std::string name = Until(' ', line);
      families.push_back({name, std::string(line), prometheus::MetricType::Untyped, {}});
      continue;
    }
    EXPECT_FALSE(families.empty()) << text;
    if (families.empty()) return families;
    if (line.starts_with(kType)) {
      line.remove_prefix(kType.size());
      EXPECT_EQ(Until(' ', line), families.back().name);
      const auto type = TypeOf(std::string(line));
      EXPECT_TRUE(type.has_value()) << line;
      families.back().type = type.value_or(prometheus::MetricType::Untyped);
    } else {
      AddSample(ParseSample(line), families.back());
    }
  }
  return families;
}

}  // namespace netchange
