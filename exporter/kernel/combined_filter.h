// SPDX-License-Identifier: Apache-2.0
// Patterns in the form in which the kernel side applies them (bpf/abi/filter.h), before an event
// takes a map entry.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "bpf/abi/collector.h"
#include "kernel/map_contents.h"
#include "kernel/name_filter.h"

namespace netchange {

/// Two filters as one. If a pattern is in both, `special` wins.
class CombinedFilter {
 public:
  /// Takes everything.
  CombinedFilter() = default;
  CombinedFilter(const NameFilter& general, const NameFilter& special);
  /// The verdict if no pattern matches (enum filter_verdict); 0: there are no patterns.
  [[nodiscard]] std::uint8_t otherwise() const { return otherwise_; }
  /// The verdict of the longest pattern that matches; nullopt if none does.
  [[nodiscard]] std::optional<std::uint32_t> Verdict(const std::string& name) const;
  /// The same as wants_device() of bpf/lib/filter.bpf.h. Thread-safe.
  [[nodiscard]] bool Takes(const std::string& device) const;
  /// Contents for a map of bpf/lib/filter.bpf.h, as patterns of the collector `id`.
  [[nodiscard]] MapContents Contents(const std::string& map, collector id) const;

 private:
  std::map<std::string, std::uint32_t> verdicts_;  // by pattern
  std::uint8_t otherwise_ = 0;
};

}  // namespace netchange
