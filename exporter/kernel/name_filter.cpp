// SPDX-License-Identifier: Apache-2.0
#include "kernel/name_filter.h"

#include <algorithm>
#include <cstring>

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

// The pattern's size if there is none from there on.
std::size_t FindStar(const std::string& pattern, std::size_t from) {
  return std::min(pattern.find('*', from), pattern.size());
}

filter_key KeyOf(const std::string& pattern) {
  filter_key key{};
  const bool beginning = pattern.back() == '*';
  const std::size_t size = pattern.size() - beginning;
  std::memcpy(key.text, pattern.data(), size);
  key.prefix_bits = static_cast<std::uint32_t>(8 * (beginning ? size : size + 1));  // with its NUL
  return key;
}

template <class T>
std::string BytesOf(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
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

CombinedFilter::CombinedFilter(const NameFilter& general, const NameFilter& special) {
  for (const NameFilter* filter : {&general, &special}) {
    for (const std::string& pattern : filter->exclude) verdicts_[pattern] = FILTER_EXCLUDE;
    for (const std::string& pattern : filter->include) verdicts_[pattern] = FILTER_INCLUDE;
  }
  if (verdicts_.empty()) return;
  otherwise_ = general.include.empty() && special.include.empty() ? FILTER_INCLUDE : FILTER_EXCLUDE;
}

bool CombinedFilter::Takes(const std::string& device) const {
  if (!otherwise_ || device.empty() || device == "*" || device == "all" || device == "default")
    return true;
  auto found = verdicts_.find(device);
  for (std::size_t size = device.size() + 1; found == verdicts_.end() && size-- > 0;)
    found = verdicts_.find(device.substr(0, size) + '*');
  return (found == verdicts_.end() ? otherwise_ : found->second) == FILTER_INCLUDE;
}

MapContents CombinedFilter::Contents(const std::string& map) const {
  MapContents contents{map, {}};
  for (const auto& [pattern, verdict] : verdicts_)
    contents.entries.emplace_back(BytesOf(KeyOf(pattern)), BytesOf(verdict));
  return contents;
}

}  // namespace netchange
