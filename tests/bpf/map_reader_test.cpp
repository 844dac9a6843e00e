// SPDX-License-Identifier: Apache-2.0
// Reading whole maps. Needs root.
#include "kernel/map_reader.h"

#include <bpf/bpf.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "kernel/realtime_priority.h"
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

TEST(MapReader, CannotBePreemptedByOthersDuringABatch) {
  ASSERT_TRUE(RealtimePriority()) << "run the tests as root with CAP_SYS_NICE";
  EXPECT_LE(Reads(kEntries, true), kEntries / 1000 + 1);
  {
    const RealtimePriority priority;
    ASSERT_TRUE(priority);
    EXPECT_EQ(sched_getscheduler(0), SCHED_FIFO);
    const RealtimePriority again;
    EXPECT_TRUE(again);
  }
  EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
}

// The capabilities of this thread alone.
void DropRealtime() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct capabilities[2] = {};
  ASSERT_EQ(syscall(SYS_capget, &header, capabilities), 0);
  capabilities[0].effective &= ~(1U << CAP_SYS_NICE);
  ASSERT_EQ(syscall(SYS_capset, &header, capabilities), 0);
}

TEST(MapReader, ReadsKeyByKeyIfOthersMayPreemptIt) {
  std::thread([] {
    DropRealtime();
    EXPECT_EQ(Reads(100, true), 100U);
    EXPECT_EQ(Reads(0, true), 0U);
    EXPECT_LE(Reads(100, false), 2U);
  }).join();
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
