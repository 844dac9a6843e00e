// SPDX-License-Identifier: Apache-2.0
// Patterns that choose devices and settings, as the configuration has them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bpf/abi/filter.h"
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

}  // namespace netchange
