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

Fd FilledMap() {
  Fd map(bpf_map_create(BPF_MAP_TYPE_HASH, "map_reader_test", sizeof(std::uint32_t),
                        sizeof(std::uint64_t), kEntries, nullptr));
  for (std::uint32_t key = 0; key < kEntries; ++key) {
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

// Number of calls of `take`. Adds up the entries.
std::size_t Read(internal::ReadBy by, std::size_t& entries) {
  const Fd map = FilledMap();
  std::size_t reads = 0;
  const Status status = internal::ReadBatches(
      map.get(), sizeof(std::uint32_t), sizeof(std::uint64_t),
      [&](const std::uint8_t*, const std::uint8_t*, std::size_t count) {
        ++reads;
        entries += count;
      },
      by);
  EXPECT_TRUE(status) << status.error().message;
  return reads;
}

TEST(MapReader, ReadsAThousandEntriesAtATimeOrOne) {
  std::size_t in_batches = 0, one_by_one = 0;
  EXPECT_LE(Read(internal::ReadBy::kBatch, in_batches), kEntries / 1000 + 1);
  EXPECT_EQ(in_batches, kEntries);
  EXPECT_EQ(Read(internal::ReadBy::kKey, one_by_one), kEntries);
  EXPECT_EQ(one_by_one, kEntries);
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
