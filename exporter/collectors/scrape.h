// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "kernel/bpf_object.h"
#include "kernel/map_reader.h"
#include "kernel/netns_filter.h"
#include "metrics/label_schema.h"
#include "metrics/metrics_page.h"
#include "metrics/render_context.h"

namespace netchange {

/// One scrape of all collectors, while it is made.
struct Scrape {
  RenderContext context;
  MetricsPage& out;
  std::map<std::string, std::size_t> map_entries = {};  // by map, as read in this scrape
  std::uint8_t collector = 0;                           // index of the one that is being read
  bool needs_expiry = false;                            // a map is nearly full
  const NetnsFilter* namespaces = nullptr;              // of this collector; null: all
};

/// False if the configuration excludes the network namespace.
inline bool IsWanted(const device_ref& device, const Scrape& scrape) {
  return !scrape.namespaces || scrape.namespaces->Takes(device, scrape.context.netns);
}

/// Reads a count map into rows, a batch of entries at a time, so that they are in memory only as
/// rows. `takes(key, value)`: which entries, of those in wanted namespaces; it may change the
/// value. `map_entries` has them all.
template <class Key, class Value, class Takes>
Status ReadRows(const BpfObject& object, const std::string& map, const Schema<Key, Value>& schema,
                Scrape& scrape, Takes takes) {
  SeriesTable& table = scrape.out.AddTable(FamiliesOf(schema), scrape.collector);
  RowMaker<Key, Value> rows(schema, scrape.context, table);
  std::size_t entries = 0;
  Status status =
      ForEachEntry<Key, Value>(object.MapFd(map.c_str()), [&](const Key& key, Value& value) {
        ++entries;
        if (IsWanted(key.device, scrape) && takes(key, value)) rows.Add(key, value);
      });
  if (status) scrape.map_entries[map] = entries;
  return status;
}
template <class Key, class Value>
Status ReadRows(const BpfObject& object, const std::string& map, const Schema<Key, Value>& schema,
                Scrape& scrape) {
  return ReadRows(object, map, schema, scrape, [](const Key&, Value&) { return true; });
}

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
