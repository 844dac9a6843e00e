// SPDX-License-Identifier: Apache-2.0
// One entry of a hash map. Key and Value must match the map; this is not checked.
#pragma once

namespace netchange {

namespace internal {
bool ReadEntry(int fd, const void* key, void* value);
bool WriteEntry(int fd, const void* key, const void* value);
bool AddEntry(int fd, const void* key, const void* value);
}  // namespace internal

/// False if there is no entry; `value` is then unchanged.
template <class Key, class Value>
bool ReadEntry(int fd, const Key& key, Value& value) {
  return internal::ReadEntry(fd, &key, &value);
}

/// Adds or replaces it; false if the map is full.
template <class Key, class Value>
bool WriteEntry(int fd, const Key& key, const Value& value) {
  return internal::WriteEntry(fd, &key, &value);
}

/// Adds it; false if it is there already, or if the map is full.
template <class Key, class Value>
bool AddEntry(int fd, const Key& key, const Value& value) {
  return internal::AddEntry(fd, &key, &value);
}

}  // namespace netchange
