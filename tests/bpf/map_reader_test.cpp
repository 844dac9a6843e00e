// SPDX-License-Identifier: Apache-2.0
// Reading whole maps. Needs root.
#include "kernel/map_reader.h"

#include <bpf/bpf.h>
#include <gtest/gtest.h>

#include <set>

#include "util/fd.h"

namespace netchange {
namespace {

constexpr std::uint32_t kEntries = 20'000;

Fd FilledMap(std::uint32_t entries = kEntries) {
  Fd map(bpf_map_create(BPF_MAP_TYPE_HASH, "map_reader_test", sizeof(std::uint32_t),
                        sizeof(std::uint64_t), kEntries, nullptr));
  for (std::uint32_t key = 0; key < entries; ++key) {
    const std::uint64_t value = std::uint64_t{key} * key;
    EXPECT_EQ(bpf_map_update_elem(map.get(), &key, &value, BPF_ANY), 0);
  }
  return map;
}

TEST(MapReader, ReadsEachEntryOnce) {
  const Fd map = FilledMap();
  std::set<std::uint32_t> keys;
  const Status status =
      ForEachEntry<std::uint32_t, std::uint64_t>(map.get(), [&](std::uint32_t key, auto value) {
        EXPECT_TRUE(keys.insert(key).second) << key;
        EXPECT_EQ(value, std::uint64_t{key} * key);
      });
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(keys.size(), kEntries);
}

// Number of calls for the entries of a map.
std::size_t Reads(std::uint32_t map_entries, bool preempts) {
  const Fd map = FilledMap(map_entries);
  std::size_t reads = 0, entries = 0;
  const Status status = internal::ReadBatches(
      map.get(), sizeof(std::uint32_t), sizeof(std::uint64_t),
      [&](const std::uint8_t*, const std::uint8_t*, std::size_t count) {
        ++reads;
        entries += count;
      },
      preempts);
  EXPECT_TRUE(status) << status.error().message;
  EXPECT_EQ(entries, map_entries);
  return reads;
}

TEST(MapReader, ReadsAThousandEntriesAtATime) {
  EXPECT_LE(Reads(kEntries, false), kEntries / 1000 + 1);
}

TEST(MapReader, ReadsFewEntriesKeyByKeyIfTheKernelPreempts) {
  EXPECT_EQ(Reads(kEntries / 8, true), kEntries / 8);
  EXPECT_EQ(Reads(0, true), 0U);
  EXPECT_LE(Reads(kEntries / 8 + 1, true), kEntries / 8 / 1000 + 1);
  EXPECT_LE(Reads(kEntries / 8, false), kEntries / 8 / 1000 + 1);
}

TEST(MapReader, RefusesAnotherLayout) {
  const Fd map = FilledMap();
  const Status status =
      ForEachEntry<std::uint32_t, std::uint32_t>(map.get(), [](auto, auto) { FAIL(); });
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find("expected 4 and 4"), std::string::npos)
      << status.error().message;
}

}  // namespace
}  // namespace netchange
