// SPDX-License-Identifier: Apache-2.0
// Reading whole maps. Needs root.
#include "kernel/map_reader.h"

#include <bpf/bpf.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <initializer_list>
#include <set>
#include <system_error>
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
void Drop(std::initializer_list<unsigned> dropped) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct capabilities[2] = {};
  ASSERT_EQ(syscall(SYS_capget, &header, capabilities), 0);
  for (const unsigned one : dropped) capabilities[one / 32].effective &= ~(1U << one % 32);
  ASSERT_EQ(syscall(SYS_capset, &header, capabilities), 0);
}

TEST(MapReader, ReadsKeyByKeyIfOthersMayPreemptIt) {
  std::thread([] {
    Drop({CAP_SYS_NICE});
    EXPECT_EQ(Reads(100, true), 100U);
    EXPECT_EQ(Reads(0, true), 0U);
    EXPECT_LE(Reads(100, false), 2U);
  }).join();
}

TEST(MapReader, EndsIfTheCallerThrows) {
  const Fd map = FilledMap();
  struct Enough {};
  std::uint32_t entries = 0;
  const auto take_some = [&](std::uint32_t, std::uint64_t) {
    if (++entries == kEntries / 2) throw Enough();
  };
  const auto read = [&] {
    return bool(ForEachEntry<std::uint32_t, std::uint64_t>(map.get(), take_some));
  };
  EXPECT_THROW(read(), Enough);
  EXPECT_EQ(entries, kEntries / 2);
}

bool MayHaveAThread() {
  try {
    std::thread([] {}).join();
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

// The limit of threads does not hold for root, nor with one of the two capabilities.
TEST(MapReader, ReadsWithoutAThreadIfItMayHaveNone) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    const rlimit none{0, 0};
    if (setresuid(kNobody, 0, 0) || setrlimit(RLIMIT_NPROC, &none)) _exit(2);  // no setup
    Drop({CAP_SYS_ADMIN, CAP_SYS_RESOURCE});
    if (MayHaveAThread()) _exit(3);  // no limit
    _exit(Reads(kEntries, false) <= kEntries / 1000 + 1 && !HasFailure() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

// The scheduling policies of all threads of this process.
std::multiset<int> Policies() {
  std::multiset<int> policies;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task"))
    policies.insert(sched_getscheduler(std::stoi(task.path().filename())));
  return policies;
}

// Waits, because a thread that is made or has ended is not at once as it will be.
void ExpectPolicies(const std::multiset<int>& expected) {
  for (int i = 0; i < 1000 && Policies() != expected; ++i) usleep(10'000);
  EXPECT_EQ(Policies(), expected);
}

// The thread lives until the last batch is read, for which the first has to be taken.
TEST(MapReader, HasAThreadThatReadsTheNextBatch) {
  const Fd map = FilledMap();
  const std::multiset<int> before = Policies();
  for (const bool preempts : {false, true}) {
    std::multiset<int> expected = before;
    expected.insert(preempts ? SCHED_FIFO : SCHED_OTHER);
    int batches = 0;
    const auto take = [&](const std::uint8_t*, const std::uint8_t*, std::size_t) {
      if (++batches == 1) ExpectPolicies(expected);
    };
    EXPECT_TRUE(internal::ReadBatches(map.get(), sizeof(std::uint32_t), sizeof(std::uint64_t), take,
                                      preempts));
    EXPECT_GT(batches, 1);
    ExpectPolicies(before);
  }
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
