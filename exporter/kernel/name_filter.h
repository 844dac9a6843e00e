// SPDX-License-Identifier: Apache-2.0
// Patterns that choose devices and settings. They are applied in the kernel (bpf/abi/filter.h),
// before an event costs a map entry.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bpf/abi/filter.h"
#include "kernel/bpf_object.h"
#include "util/result.h"

namespace netchange {

/// A pattern is a whole name, or the beginning of names and a `*`. The longest one that matches
/// decides, in whichever list it is; where none does, a name is taken if nothing is included.
struct NameFilter {
  std::vector<std::string> include;
  std::vector<std::string> exclude;
};

/// Most patterns of one filter, so that two of them fit into one map.
inline constexpr std::size_t kMaxPatterns = FILTER_ENTRIES / 2;

/// Whether it can be looked up in the kernel: no other sign of shell patterns than a `*` at its
/// end.
Status CheckDevicePattern(const std::string& pattern);
/// The same, but a part between two dots may be `*`, which is how settings name their device.
Status CheckSettingPattern(const std::string& pattern);

/// Both at once. Of the same pattern in both, that of `special` holds.
class CombinedFilter {
 public:
  /// Takes everything.
  CombinedFilter() = default;
  CombinedFilter(const NameFilter& general, const NameFilter& special);
  /// What holds where no pattern matches (enum filter_verdict); 0: there are no patterns.
  [[nodiscard]] std::uint8_t otherwise() const { return otherwise_; }
  /// What wants_device() of bpf/lib/filter.bpf.h says of a device. Thread-safe.
  [[nodiscard]] bool Takes(const std::string& device) const;
  /// For a map of bpf/lib/filter.bpf.h.
  [[nodiscard]] MapContents Contents(const std::string& map) const;

 private:
  std::map<std::string, std::uint32_t> verdicts_;  // by pattern
  std::uint8_t otherwise_ = 0;
};

}  // namespace netchange
