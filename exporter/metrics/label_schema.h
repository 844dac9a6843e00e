// SPDX-License-Identifier: Apache-2.0
// Tables that turn map entries into samples: the labels of a key, and the metrics of a value.
#pragma once

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bpf/abi/duration.h"
#include "metrics/family_set.h"
#include "metrics/render_context.h"

namespace netchange {

/// One label: its name, and its value for a key. A label with an empty value is omitted.
template <class Key>
struct Label {
  const char* name;
  std::string (*value)(const Key&, const RenderContext&);
};

/// How values of keys with the same labels are combined.
enum class Fold { kSum, kMax };

/// One metric: one sample for each set of label values among the accepted keys.
template <class Key, class Value>
struct Metric {
  const char* name;
  const char* help;
  prometheus::MetricType type;
  std::span<const Label<Key>> labels;
  Fold fold;
  bool (*takes)(const Key&, const Value&);
  double (*sample)(const Value&, const RenderContext&);
};

template <class Key>
std::vector<std::string> ValuesOf(std::span<const Label<Key>> labels, const Key& key,
                                  const RenderContext& context) {
  std::vector<std::string> values;
  for (const auto& label : labels) values.push_back(label.value(key, context));
  return values;
}

template <class Key>
LabelValues Named(std::span<const Label<Key>> labels, const std::vector<std::string>& values) {
  LabelValues named;
  for (std::size_t i = 0; i < values.size(); ++i) named.emplace_back(labels[i].name, values[i]);
  return named;
}

/// Adds one metric's family to `out`, even without entries, so that users find the family before
/// its first event.
template <class Key, class Value>
void Render(const Metric<Key, Value>& metric, const std::vector<std::pair<Key, Value>>& entries,
            const RenderContext& context, FamilySet& out) {
  std::map<std::vector<std::string>, double> samples;
  for (const auto& [key, value] : entries) {
    if (!metric.takes(key, value)) continue;
    const double sample = metric.sample(value, context);
    const auto [at, is_new] = samples.try_emplace(ValuesOf(metric.labels, key, context), sample);
    if (!is_new)
      at->second = metric.fold == Fold::kSum ? at->second + sample : std::max(at->second, sample);
  }
  auto& family = out.Family(metric.name, metric.help, metric.type);
  for (const auto& [values, sample] : samples) {
    FamilySet::AddSample(family, Named(metric.labels, values), sample);
  }
}

/// The same for durations in buckets (bpf/abi/duration.h), in seconds.
template <class Key>
void RenderHistogram(std::string_view name, std::string_view help,
                     std::span<const Label<Key>> labels,
                     const std::vector<std::pair<Key, duration_histogram>>& entries,
                     const RenderContext& context, FamilySet& out) {
  std::map<std::vector<std::string>, duration_histogram> samples;
  for (const auto& [key, value] : entries) {
    duration_histogram& sum = samples[ValuesOf(labels, key, context)];
    sum.sum_ns += value.sum_ns;
    for (std::size_t i = 0; i < std::size(sum.buckets); ++i) sum.buckets[i] += value.buckets[i];
  }
  auto& family = out.Family(name, help, prometheus::MetricType::Histogram);
  for (const auto& [values, sum] : samples)
    FamilySet::AddHistogram(family, Named(labels, values), sum);
}

template <class Key, class Value>
void RenderAll(std::span<const Metric<Key, Value>> metrics,
               const std::vector<std::pair<Key, Value>>& entries, const RenderContext& context,
               FamilySet& out) {
  for (const auto& metric : metrics) Render(metric, entries, context, out);
}

}  // namespace netchange
