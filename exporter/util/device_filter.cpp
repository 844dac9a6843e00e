// SPDX-License-Identifier: Apache-2.0
#include "util/device_filter.h"

#include <fnmatch.h>

#include <algorithm>

namespace netchange {
namespace {

bool MatchesAny(const std::vector<std::string>& patterns, const std::string& device) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& p) {
    return fnmatch(p.c_str(), device.c_str(), 0) == 0;
  });
}

}  // namespace

bool DeviceFilter::Accepts(const std::string& device) const {
  if (device.empty() || device == "all" || device == "default" || device == "*") return true;
  return (include.empty() || MatchesAny(include, device)) && !MatchesAny(exclude, device);
}

}  // namespace netchange
