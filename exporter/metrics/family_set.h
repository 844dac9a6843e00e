// SPDX-License-Identifier: Apache-2.0
// The metrics page while it is made: each metric family once, its samples sorted.
#pragma once

#include <prometheus/metric_family.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bpf/abi/duration.h"

namespace netchange {

using LabelValues = std::vector<std::pair<std::string, std::string>>;

/// Not thread-safe. Use one object per scrape.
class FamilySet {
 public:
  /// The family of this name, created on the first call. Collectors that share a family must pass
  /// the same name, help and type. The reference is valid as long as the set.
  prometheus::MetricFamily& Family(std::string_view name, std::string_view help,
                                   prometheus::MetricType type);

  /// Adds one sample of a counter or gauge. Labels with an empty value are omitted.
  static void AddSample(prometheus::MetricFamily& family, const LabelValues& labels, double value);

  /// Adds one sample of a histogram in seconds.
  static void AddHistogram(prometheus::MetricFamily& family, const LabelValues& labels,
                           const duration_histogram& durations);

  /// Adds a family and a sample, for families with few samples.
  void AddGauge(std::string_view name, std::string_view help, const LabelValues& labels,
                double value);
  void AddCounter(std::string_view name, std::string_view help, const LabelValues& labels,
                  double value);

  /// Number of series: lines of the page that are no comments.
  [[nodiscard]] std::size_t Series() const;

  /// All families sorted by name, samples sorted by labels. Empties the set.
  std::vector<prometheus::MetricFamily> Take();

 private:
  std::map<std::string, prometheus::MetricFamily, std::less<>> families_;
};

}  // namespace netchange
