// SPDX-License-Identifier: Apache-2.0
#include "kernel/combined_filter.h"

#include <algorithm>
#include <cstring>

#include "bpf/abi/filter.h"

namespace netchange {
namespace {

filter_key KeyOf(const std::string& pattern, collector id) {
  filter_key key{};
  key.collector = id;
  const bool beginning = pattern.back() == '*';
  const std::size_t size = pattern.size() - beginning;
  std::memcpy(key.text, pattern.data(), size);
  key.prefix_bits =
      static_cast<std::uint32_t>(FILTER_BITS(beginning ? size : size + 1));  // with the NUL
  return key;
}

bool Covers(const std::string& pattern, const std::string& longer) {
  return pattern.ends_with('*') && longer.starts_with(pattern.substr(0, pattern.size() - 1));
}

// True if the filter includes nothing, or only exceptions to what it excludes.
bool IncludesTheRest(const NameFilter& filter) {
  return std::all_of(
      filter.include.begin(), filter.include.end(), [&](const std::string& included) {
        return std::any_of(filter.exclude.begin(), filter.exclude.end(),
                           [&](const std::string& excluded) { return Covers(excluded, included); });
      });
}

}  // namespace

CombinedFilter::CombinedFilter(const NameFilter& general, const NameFilter& special) {
  for (const NameFilter* filter : {&general, &special}) {
    for (const std::string& pattern : filter->exclude) verdicts_[pattern] = FILTER_EXCLUDE;
    for (const std::string& pattern : filter->include) verdicts_[pattern] = FILTER_INCLUDE;
  }
  if (verdicts_.empty()) return;
  otherwise_ =
      IncludesTheRest(general) && IncludesTheRest(special) ? FILTER_INCLUDE : FILTER_EXCLUDE;
}

std::optional<std::uint32_t> CombinedFilter::Verdict(const std::string& name) const {
  auto found = verdicts_.find(name);
  for (std::size_t size = name.size() + 1; found == verdicts_.end() && size-- > 0;)
    found = verdicts_.find(name.substr(0, size) + '*');
  if (found == verdicts_.end()) return std::nullopt;
  return found->second;
}

bool CombinedFilter::Takes(const std::string& device) const {
  if (!otherwise_ || device.empty() || device == "*" || device == "all" || device == "default")
    return true;
  return Verdict(device).value_or(otherwise_) == FILTER_INCLUDE;
}

MapContents CombinedFilter::Contents(const std::string& map, collector id) const {
  return {map, [verdicts = verdicts_, id] {
            MapEntries entries;
            for (const auto& [pattern, verdict] : verdicts)
              entries.emplace_back(BytesOf(KeyOf(pattern, id)), BytesOf(verdict));
            return entries;
          }};
}

}  // namespace netchange
