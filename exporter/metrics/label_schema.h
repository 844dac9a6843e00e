// SPDX-License-Identifier: Apache-2.0
// From map entries to samples, by tables: which labels a key has, and which metrics a value has.
#pragma once

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "metrics/family_set.h"

namespace netchange {

struct RenderContext;  // collectors/render_context.h

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

/// Adds one metric's family to `out`, also where no entry belongs to it: a family that is announced
/// can be found before its first event.
template <class Key, class Value>
void Render(const Metric<Key, Value>& metric, const std::vector<std::pair<Key, Value>>& entries,
            const RenderContext& context, FamilySet& out) {
  std::map<std::vector<std::string>, double> samples;
  for (const auto& [key, value] : entries) {
    if (!metric.takes(key, value)) continue;
    std::vector<std::string> labels;
    for (const auto& label : metric.labels) labels.push_back(label.value(key, context));
    const double sample = metric.sample(value, context);
    const auto [at, is_new] = samples.try_emplace(std::move(labels), sample);
    if (!is_new)
      at->second = metric.fold == Fold::kSum ? at->second + sample : std::max(at->second, sample);
  }
  auto& family = out.Family(metric.name, metric.help, metric.type);
  for (const auto& [values, sample] : samples) {
    LabelValues labels;
    for (std::size_t i = 0; i < values.size(); ++i)
      labels.emplace_back(metric.labels[i].name, values[i]);
    FamilySet::AddSample(family, labels, sample);
  }
}

template <class Key, class Value>
void RenderAll(std::span<const Metric<Key, Value>> metrics,
               const std::vector<std::pair<Key, Value>>& entries, const RenderContext& context,
               FamilySet& out) {
  for (const auto& metric : metrics) Render(metric, entries, context, out);
}

}  // namespace netchange
