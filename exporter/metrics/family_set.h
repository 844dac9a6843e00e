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

/// Not thread-safe: one for each scrape.
class FamilySet {
 public:
  /// The family of that name, made on the first call. Collectors that share one are merged: name,
  /// help and type must then be the same. The reference holds as long as the set.
  prometheus::MetricFamily& Family(std::string_view name, std::string_view help,
                                   prometheus::MetricType type);

  /// Adds one sample of a counter or a gauge. Labels with an empty value are left out.
  static void AddSample(prometheus::MetricFamily& family, const LabelValues& labels, double value);

  /// Adds one sample of a histogram in seconds.
  static void AddHistogram(prometheus::MetricFamily& family, const LabelValues& labels,
                           const duration_histogram& durations);

  /// Family and sample in one, for families of few samples.
  void AddGauge(std::string_view name, std::string_view help, const LabelValues& labels,
                double value);
  void AddCounter(std::string_view name, std::string_view help, const LabelValues& labels,
                  double value);

  /// All families by name, samples by labels. The set is empty afterwards.
  std::vector<prometheus::MetricFamily> Take();

 private:
  std::map<std::string, prometheus::MetricFamily, std::less<>> families_;
};

}  // namespace netchange
