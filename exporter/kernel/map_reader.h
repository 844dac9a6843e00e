// SPDX-License-Identifier: Apache-2.0
// Reads whole hash maps: by batch where the kernel can, else key by key.
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
/// Entries as raw bytes, one behind the other.
struct RawEntries {
  std::vector<std::uint8_t> keys;
  std::vector<std::uint8_t> values;
  std::size_t count = 0;
};
Result<RawEntries> ReadRawMap(int fd, std::size_t key_size, std::size_t value_size);
}  // namespace internal

/// All entries at this moment. Keys that are added meanwhile may be in it or not; none is there
/// twice. An error if the map has another layout than Key and Value, or cannot be read to its end.
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
