// SPDX-License-Identifier: Apache-2.0
#include "metrics/family_set.h"

#include <algorithm>

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

void FamilySet::AddGauge(std::string_view name, std::string_view help, const LabelValues& labels,
                         double value) {
  AddSample(Family(name, help, prometheus::MetricType::Gauge), labels, value);
}

void FamilySet::AddCounter(std::string_view name, std::string_view help, const LabelValues& labels,
                           double value) {
  AddSample(Family(name, help, prometheus::MetricType::Counter), labels, value);
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
