// SPDX-License-Identifier: Apache-2.0
// Initial entries of maps. Needs root.
#include "kernel/loaded_object.h"

#include <bpf/bpf.h>
#include <gtest/gtest.h>

#include <cstdint>

namespace netchange {
namespace {

LoadedObject ObjectWithMap(std::uint32_t max_entries) {
  LoadedObject object;
  object.maps.emplace("known", Fd(bpf_map_create(BPF_MAP_TYPE_HASH, "known", sizeof(std::uint32_t),
                                                 sizeof(std::uint64_t), max_entries, nullptr)));
  return object;
}

MapEntries Squares(std::uint32_t count) {
  MapEntries entries;
  for (std::uint32_t key = 0; key < count; ++key)
    entries.emplace_back(BytesOf(key), BytesOf(std::uint64_t{key} * key));
  return entries;
}

TEST(LoadedObject, FillsItsMaps) {
  const LoadedObject object = ObjectWithMap(10);
  const Status filled = object.FillMaps({{"known", [] { return Squares(10); }}});
  ASSERT_TRUE(filled) << filled.error().message;
  for (std::uint32_t key = 0; key < 10; ++key) {
    std::uint64_t value = 0;
    ASSERT_EQ(bpf_map_lookup_elem(object.MapFd("known"), &key, &value), 0);
    EXPECT_EQ(value, std::uint64_t{key} * key);
  }
}

TEST(LoadedObject, ReadsContentsOnceAndOnlyOfItsMaps) {
  int known = 0, other = 0;
  const auto count = [](int& reads) {
    ++reads;
    return MapEntries{};
  };
  const std::vector<MapContents> contents = {{"known", [&] { return count(known); }},
                                             {"other", [&] { return count(other); }}};
  for (int object = 0; object < 2; ++object) EXPECT_TRUE(ObjectWithMap(10).FillMaps(contents));
  EXPECT_EQ(known, 1);
  EXPECT_EQ(other, 0);
}

TEST(LoadedObject, LeavesOutWhatDoesNotFitIfTheContentsMayOverflow) {
  const LoadedObject object = ObjectWithMap(10);
  EXPECT_TRUE(object.FillMaps({{"known", [] { return Squares(11); }, true}}));
  const Status filled = object.FillMaps({{"known", [] { return Squares(11); }}});
  ASSERT_FALSE(filled);
  EXPECT_EQ(filled.error().message, "fill map known: Argument list too long");
}

}  // namespace
}  // namespace netchange
