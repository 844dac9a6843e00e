// SPDX-License-Identifier: Apache-2.0
// Tables that turn map entries into samples: the labels of a key, and the metrics of a value.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bpf/abi/duration.h"
#include "metrics/label_text.h"
#include "metrics/metrics_page.h"
#include "metrics/render_context.h"
#include "metrics/series_table.h"

namespace netchange {

/// One label: its name, and what appends its value for a key. A label with an empty value is
/// omitted.
template <class Key>
struct Label {
  const char* name;
  void (*append)(const Key&, const RenderContext&, LabelText& value);
};

/// One metric: one sample for each set of label values among the entries that it takes. Exactly one
/// of `count`, `gauge` and `durations` is set; it decides on the type.
template <class Key, class Value>
struct Metric {
  const char* name;
  const char* help;
  bool by_errno = false;                              // with the label errno
  bool (*takes)(const Key&, const Value&) = nullptr;  // null: every entry
  /// Entries with the same labels are summed up.
  std::uint64_t (*count)(const Value&) = nullptr;
  /// The largest of entries with the same labels.
  double (*gauge)(const Value&, const RenderContext&) = nullptr;
  /// A histogram in seconds; entries with the same labels are summed up.
  const duration_histogram& (*durations)(const Value&) = nullptr;
};

/// What a map's entries look like on the page.
template <class Key, class Value>
struct Schema {
  std::span<const Label<Key>> labels;
  std::span<const Metric<Key, Value>> metrics;  // at most 16
  Label<Key> errno_label = {};                  // for metrics by errno; the last label
};

template <class Key, class Value>
std::vector<SeriesFamily> FamiliesOf(const Schema<Key, Value>& schema) {
  std::vector<SeriesFamily> families;
  for (const auto& metric : schema.metrics) {
    const auto type = metric.count   ? prometheus::MetricType::Counter
                      : metric.gauge ? prometheus::MetricType::Gauge
                                     : prometheus::MetricType::Histogram;
    families.push_back({metric.name, metric.help, type, metric.by_errno});
  }
  return families;
}

/// Turns entries into rows. Not thread-safe. The arguments are borrowed.
template <class Key, class Value>
class RowMaker {
 public:
  RowMaker(const Schema<Key, Value>& schema, const RenderContext& context, SeriesTable& table)
      : schema_(schema), context_(context), table_(table) {
    for (const auto& label : schema.labels) begins_.push_back(LabelBegin(label.name));
  }

  void Add(const Key& key, const Value& value) {
    std::uint16_t families = 0;
    bool by_errno = false;
    numbers_.clear();
    for (std::size_t i = 0; i < schema_.metrics.size(); ++i) {
      const auto& metric = schema_.metrics[i];
      if (metric.takes && !metric.takes(key, value)) continue;
      families |= static_cast<std::uint16_t>(1U << i);
      by_errno |= metric.by_errno;
      AddNumbers(metric, value);
    }
    if (!families) return;
    labels_.Clear();
    for (std::size_t i = 0; i < begins_.size(); ++i)
      AppendLabelOf(schema_.labels[i], begins_[i], key, labels_);
    errno_label_.Clear();
    if (by_errno) {
      const auto& label = schema_.errno_label;
      AppendLabelOf(label, LabelBegin(label.name), key, errno_label_);
    }
    table_.Add(labels_.text(), errno_label_.text(), families, numbers_);
  }

 private:
  void AddNumbers(const Metric<Key, Value>& metric, const Value& value) {
    if (metric.count) {
      numbers_.push_back({.count = metric.count(value)});
    } else if (metric.gauge) {
      numbers_.push_back({.value = metric.gauge(value, context_)});
    } else {
      const duration_histogram& durations = metric.durations(value);
      for (const std::uint64_t bucket : durations.buckets) numbers_.push_back({.count = bucket});
      numbers_.push_back({.count = durations.sum_ns});
    }
  }
  void AppendLabelOf(const Label<Key>& label, std::string_view begin, const Key& key,
                     LabelText& labels) {
    labels.Begin(begin);
    label.append(key, context_, labels);
    labels.End();
  }

  const Schema<Key, Value>& schema_;
  const RenderContext& context_;
  SeriesTable& table_;
  std::vector<std::string> begins_;  // of the labels, in their order
  // Kept from entry to entry, for their memory.
  LabelText labels_, errno_label_;
  std::vector<Number> numbers_;
};

/// Adds the families of the entries to the page, also without entries, so that users find a family
/// before its first event. `collector`: as in MetricsPage::AddTable().
template <class Key, class Value>
void AddEntries(const Schema<Key, Value>& schema, const std::vector<std::pair<Key, Value>>& entries,
                const RenderContext& context, MetricsPage& page, std::uint8_t collector = 0) {
  RowMaker<Key, Value> rows(schema, context, page.AddTable(FamiliesOf(schema), collector));
  for (const auto& [key, value] : entries) rows.Add(key, value);
}

}  // namespace netchange
