// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace netchange {

/// Entries that a map has before the first program is attached. Keys and values are bytes.
struct MapContents {
  std::string map;
  std::vector<std::pair<std::string, std::string>> entries;
};

/// The bytes of a key or of a value, as a map holds them.
template <class T>
std::string BytesOf(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

}  // namespace netchange
