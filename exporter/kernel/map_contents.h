// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace netchange {

/// Initial entries of a map, before the first program is attached. Keys and values are bytes.
struct MapContents {
  std::string map;
  std::vector<std::pair<std::string, std::string>> entries;
  bool may_overflow = false;  // entries beyond a full map are left out
};

/// The bytes of a key or value, as the map stores them.
template <class T>
std::string BytesOf(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

}  // namespace netchange
