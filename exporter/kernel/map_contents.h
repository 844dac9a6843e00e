// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <future>
#include <string>
#include <utility>
#include <vector>

namespace netchange {

/// Keys and values as bytes.
using MapEntries = std::vector<std::pair<std::string, std::string>>;

/// Initial entries of a map, before the first program is attached. They are read once, by whoever
/// asks for them first: an object without the map never asks. Copies share them.
struct MapContents {
  MapContents(std::string name, std::function<MapEntries()> read, bool may_overflow = false)
      : map(std::move(name)),
        entries(std::async(std::launch::deferred, std::move(read))),
        may_overflow(may_overflow) {}

  std::string map;
  std::shared_future<MapEntries> entries;
  bool may_overflow;  // entries beyond a full map are left out
};

/// The bytes of a key or value, as the map stores them.
template <class T>
std::string BytesOf(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

}  // namespace netchange
