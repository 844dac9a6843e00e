// SPDX-License-Identifier: Apache-2.0
// Reads whole hash maps: in batches if the kernel can, otherwise key by key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
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
}  // namespace internal

/// All entries. Keys that are added during the call may be missing; no key occurs twice. Fails if
/// the map's layout differs from Key and Value, or if the map cannot be read completely.
template <class Key, class Value>
Result<Entries<Key, Value>> ReadMap(int fd) {
  auto raw = internal::ReadRawMap(fd, sizeof(Key), sizeof(Value));
  if (!raw) return raw.error();
  Entries<Key, Value> entries(raw->count);
  for (std::size_t i = 0; i < raw->count; ++i) {
    std::memcpy(&entries[i].first, &raw->keys[i * sizeof(Key)], sizeof(Key));
    std::memcpy(&entries[i].second, &raw->values[i * sizeof(Value)], sizeof(Value));
  }
  return entries;
}

}  // namespace netchange
