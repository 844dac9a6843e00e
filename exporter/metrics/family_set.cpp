// SPDX-License-Identifier: Apache-2.0
#include "metrics/family_set.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace netchange {
namespace {

// Labels with an empty value are omitted.
prometheus::ClientMetric& NewMetric(prometheus::MetricFamily& family, const LabelValues& labels) {
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  for (const auto& [name, text] : labels) {
    if (!text.empty()) metric.label.push_back({name, text});
  }
  return metric;
}

}  // namespace

prometheus::MetricFamily& FamilySet::Family(std::string_view name, std::string_view help,
                                            prometheus::MetricType type) {
  const auto found = families_.find(name);
  if (found != families_.end()) return found->second;
  return families_
      .emplace(name, prometheus::MetricFamily{std::string(name), std::string(help), type, {}})
      .first->second;
}

void FamilySet::AddSample(prometheus::MetricFamily& family, const LabelValues& labels,
                          double value) {
  prometheus::ClientMetric& metric = NewMetric(family, labels);
  const bool is_counter = family.type == prometheus::MetricType::Counter;
  (is_counter ? metric.counter.value : metric.gauge.value) = value;
}

void FamilySet::AddHistogram(prometheus::MetricFamily& family, const LabelValues& labels,
                             const duration_histogram& durations) {
  constexpr double kSecond = 1e9;
  constexpr std::uint64_t kBounds[] = {DURATION_BOUNDS_NS};
  auto& histogram = NewMetric(family, labels).histogram;
  for (std::size_t i = 0; i < std::size(durations.buckets); ++i) {
    const bool last = i == std::size(kBounds);
    histogram.sample_count += durations.buckets[i];
    histogram.bucket.push_back(
        {histogram.sample_count, last ? std::numeric_limits<double>::infinity()
                                      : static_cast<double>(kBounds[i]) / kSecond});
  }
  histogram.sample_sum = static_cast<double>(durations.sum_ns) / kSecond;
}

void FamilySet::AddGauge(std::string_view name, std::string_view help, const LabelValues& labels,
                         double value) {
  AddSample(Family(name, help, prometheus::MetricType::Gauge), labels, value);
}

void FamilySet::AddCounter(std::string_view name, std::string_view help, const LabelValues& labels,
                           double value) {
  AddSample(Family(name, help, prometheus::MetricType::Counter), labels, value);
}

std::size_t FamilySet::Series() const {
  std::size_t series = 0;
  for (const auto& [name, family] : families_) {
    for (const prometheus::ClientMetric& metric : family.metric) {
      const bool is_histogram = family.type == prometheus::MetricType::Histogram;
      series += is_histogram ? metric.histogram.bucket.size() + 2 : 1;  // with sum and count
    }
  }
  return series;
}

std::vector<prometheus::MetricFamily> FamilySet::Take() {
  std::vector<prometheus::MetricFamily> all;
  for (auto& [name, family] : families_) {
    std::sort(family.metric.begin(), family.metric.end(),
              [](const auto& a, const auto& b) { return a.label < b.label; });
    all.push_back(std::move(family));
  }
  families_.clear();
  return all;
}

}  // namespace netchange
