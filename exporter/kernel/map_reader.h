// SPDX-License-Identifier: Apache-2.0
// Reads whole hash maps, in batches or key by key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "util/result.h"

namespace netchange {

template <class Key, class Value>
using Entries = std::vector<std::pair<Key, Value>>;

namespace internal {
/// Entries as raw bytes, one after the other.
struct RawEntries {
  std::vector<std::uint8_t> keys;
  std::vector<std::uint8_t> values;
  std::size_t count = 0;
};
Result<RawEntries> ReadRawMap(int fd, std::size_t key_size, std::size_t value_size);

/// Keys and values of some entries, as bytes.
using BatchFunction =
    std::function<void(const std::uint8_t* keys, const std::uint8_t* values, std::size_t count)>;
/// Passes all entries to `take`, on this thread. Reads batches (MapBatches); key by key if the
/// kernel has none for this map, or if `preempts` and this process may not have real-time priority.
/// `fd` is borrowed. Fails as ForEachEntry() does.
Status ReadBatches(int fd, std::size_t key_size, std::size_t value_size, const BatchFunction& take,
                   bool preempts);
/// KernelPreempts(), read once.
bool ThisKernelPreempts();
}  // namespace internal

/// Passes each entry to `function`, on this thread, with memory for two batches only. Keys that are
/// added during the call may be missing; no key occurs twice. Fails if the map's layout differs
/// from Key and Value, or if the map cannot be read completely; `function` then had some of the
/// entries.
template <class Key, class Value, class Function>
Status ForEachEntry(int fd, Function function) {
  return internal::ReadBatches(
      fd, sizeof(Key), sizeof(Value),
      [&](const std::uint8_t* keys, const std::uint8_t* values, std::size_t count) {
        Key key;
        Value value;
        for (std::size_t i = 0; i < count; ++i) {
          std::memcpy(&key, keys + i * sizeof(Key), sizeof(Key));
          std::memcpy(&value, values + i * sizeof(Value), sizeof(Value));
          function(key, value);
        }
      },
      internal::ThisKernelPreempts());
}

/// All entries, as ForEachEntry() passes them.
template <class Key, class Value>
Result<Entries<Key, Value>> ReadMap(int fd) {
  Entries<Key, Value> entries;
  const Status status = ForEachEntry<Key, Value>(
      fd, [&](const Key& key, const Value& value) { entries.emplace_back(key, value); });
  if (!status) return status.error();
  return entries;
}

}  // namespace netchange
