// SPDX-License-Identifier: Apache-2.0
// The model of prometheus-cpp of the same entries, made in the plainest way. With its
// TextSerializer it is the reference of the pages.
#pragma once

#include <prometheus/metric_family.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "metrics/family_set.h"
#include "metrics/label_schema.h"

namespace netchange {

template <class Key>
std::string ValueOf(const Label<Key>& label, const Key& key, const RenderContext& context) {
  LabelText escaped;
  label.append(key, context, escaped);
  std::string value;
  for (std::size_t at = 0; at < escaped.text().size(); ++at) {
    char c = escaped.text()[at];
    if (c == '\\') c = escaped.text()[++at] == 'n' ? '\n' : escaped.text()[at];
    value += c;
  }
  return value;
}

inline void AddDurations(const duration_histogram& durations,
                         prometheus::ClientMetric::Histogram& sum) {
  constexpr std::uint64_t kBounds[] = {DURATION_BOUNDS_NS};
  if (sum.bucket.empty()) {
    for (const std::uint64_t bound : kBounds)
      sum.bucket.push_back({0, static_cast<double>(bound) / 1e9});
    sum.bucket.push_back({0, std::numeric_limits<double>::infinity()});
  }
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < sum.bucket.size(); ++i) {
    cumulative += durations.buckets[i];
    sum.bucket[i].cumulative_count += cumulative;
  }
  sum.sample_count += cumulative;
  sum.sample_sum += static_cast<double>(durations.sum_ns) / 1e9;
}

template <class Key, class Value>
void AddReference(const Metric<Key, Value>& metric, const Schema<Key, Value>& schema,
                  const std::vector<std::pair<Key, Value>>& entries, const RenderContext& context,
                  FamilySet& out) {
  std::map<LabelValues, prometheus::ClientMetric> samples;
  for (const auto& [key, value] : entries) {
    if (metric.takes && !metric.takes(key, value)) continue;
    LabelValues labels;
    for (const auto& label : schema.labels)
      labels.emplace_back(label.name, ValueOf(label, key, context));
    if (metric.by_errno) labels.emplace_back("errno", ValueOf(schema.errno_label, key, context));
    const auto [at, is_new] = samples.try_emplace(labels);
    prometheus::ClientMetric& sample = at->second;
    if (metric.count) sample.counter.value += static_cast<double>(metric.count(value));
    if (metric.durations) AddDurations(metric.durations(value), sample.histogram);
    if (!metric.gauge) continue;
    const double gauge = metric.gauge(value, context);
    sample.gauge.value = is_new ? gauge : std::max(sample.gauge.value, gauge);
  }
  const auto type = metric.count   ? prometheus::MetricType::Counter
                    : metric.gauge ? prometheus::MetricType::Gauge
                                   : prometheus::MetricType::Histogram;
  auto& family = out.Family(metric.name, metric.help, type);
  for (auto& [labels, sample] : samples) {
    for (const auto& [name, value] : labels) {
      if (!value.empty()) sample.label.push_back({name, value});
    }
    family.metric.push_back(std::move(sample));
  }
}

template <class Key, class Value>
void AddReference(const Schema<Key, Value>& schema,
                  const std::vector<std::pair<Key, Value>>& entries, const RenderContext& context,
                  FamilySet& out) {
  for (const auto& metric : schema.metrics) AddReference(metric, schema, entries, context, out);
}

}  // namespace netchange
