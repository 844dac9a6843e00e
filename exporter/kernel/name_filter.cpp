// SPDX-License-Identifier: Apache-2.0
#include "kernel/name_filter.h"

#include <algorithm>

namespace netchange {
namespace {

Error Refused(const std::string& pattern, const std::string& why) {
  return {"invalid pattern \"" + pattern + "\": " + why};
}

Status CheckText(const std::string& pattern) {
  if (pattern.empty()) return Refused(pattern, "expected a name, or a prefix and a *");
  if (pattern.size() >= FILTER_TEXT_SIZE) {
    return Refused(pattern, "longer than " + std::to_string(FILTER_TEXT_SIZE - 1) + " characters");
  }
  if (pattern.find_first_of(std::string("?[]\\\0", 5)) != std::string::npos)
    return Refused(pattern, "the only wildcard is a * at the end");
  return {};
}

// Position of the next star, or the pattern's size.
std::size_t FindStar(const std::string& pattern, std::size_t from) {
  return std::min(pattern.find('*', from), pattern.size());
}

}  // namespace

Status CheckDevicePattern(const std::string& pattern) {
  if (Status text = CheckText(pattern); !text) return text;
  if (FindStar(pattern, 0) + 1 < pattern.size())
    return Refused(pattern, "the only wildcard is a * at the end");
  return {};
}

Status CheckSettingPattern(const std::string& pattern) {
  if (Status text = CheckText(pattern); !text) return text;
  for (std::size_t at = FindStar(pattern, 0); at + 1 < pattern.size();
       at = FindStar(pattern, at + 1)) {
    if (at == 0 || pattern[at - 1] != '.' || pattern[at + 1] != '.') {
      return Refused(pattern,
                     "a * must be at the end, or replace the device: net.ipv4.conf.*.rp_filter");
    }
  }
  return {};
}

}  // namespace netchange
