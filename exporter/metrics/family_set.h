// SPDX-License-Identifier: Apache-2.0
// Families with few samples, in the model of prometheus-cpp: each family once, its samples sorted.
#pragma once

#include <prometheus/metric_family.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

  /// Adds a family and a sample, for families with few samples.
  void AddGauge(std::string_view name, std::string_view help, const LabelValues& labels,
                double value);
  void AddCounter(std::string_view name, std::string_view help, const LabelValues& labels,
                  double value);

  /// All families sorted by name, samples sorted by labels. Empties the set.
  std::vector<prometheus::MetricFamily> Take();

 private:
  std::map<std::string, prometheus::MetricFamily, std::less<>> families_;
};

}  // namespace netchange
