// SPDX-License-Identifier: Apache-2.0
// From map entries to samples, by tables: which labels a key has, and which metrics a value has.
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

/// One label: its name, and its value for a key. An empty value leaves it out.
template <class Key>
struct Label {
  const char* name;
  std::string (*value)(const Key&, const RenderContext&);
};

/// How the values of keys with the same labels become one sample.
enum class Fold { kSum, kMax };

/// One metric: a sample for each set of label values among the keys that it takes.
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

/// Adds one metric's family to `out`, also where no entry belongs to it: a family that is announced
/// can be found before its first event.
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

/// The same for durations that the kernel side put into buckets (bpf/abi/duration.h), in seconds.
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
