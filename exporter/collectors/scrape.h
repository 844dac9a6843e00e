// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "kernel/bpf_object.h"
#include "kernel/map_reader.h"
#include "metrics/family_set.h"
#include "metrics/render_context.h"

namespace netchange {

/// One scrape of all collectors, while it is made.
struct Scrape {
  RenderContext context;
  FamilySet& out;
  std::map<std::string, std::size_t> map_entries;  // by map, as read in this scrape
};

/// Reads the entries of a count map.
template <class Key, class Value>
Result<Entries<Key, Value>> ReadCounts(const BpfObject& object, const std::string& map,
                                       Scrape& scrape) {
  auto entries = ReadMap<Key, Value>(object.MapFd(map.c_str()));
  if (!entries) return entries;
  scrape.map_entries[map] = entries->size();
  return entries;
}

}  // namespace netchange
