// SPDX-License-Identifier: Apache-2.0
// Patterns of the configuration, for devices and settings.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bpf/abi/filter.h"
#include "util/result.h"

namespace netchange {

/// A pattern is a whole name, or a prefix and a `*`. The longest pattern that matches decides, in
/// either list. If no pattern matches, a name is included if the include list is empty, or has only
/// exceptions from patterns of the exclude list.
struct NameFilter {
  std::vector<std::string> include;
  std::vector<std::string> exclude;
};

/// Maximum number of patterns of one filter, so that two filters fit into one map.
inline constexpr std::size_t kMaxPatterns = FILTER_ENTRIES / 2;

/// Accepts patterns that the kernel side can look up: the only wildcard is a `*` at the end.
Status CheckDevicePattern(const std::string& pattern);
/// The same, but a part between two dots may be `*`: settings name their device so.
Status CheckSettingPattern(const std::string& pattern);

}  // namespace netchange
