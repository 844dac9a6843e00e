// SPDX-License-Identifier: Apache-2.0
// The number of allocations of a page does not depend on the number of its series.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "rendering.h"
#include "support.h"

namespace {
std::atomic<std::size_t> g_allocations;
}  // namespace

// Of the whole test program. GCC 12 takes an inlined pair of them for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void* operator new(std::size_t size) {
  ++g_allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace netchange {
namespace {

Entries<ethtool_key, ethtool_counters> EntriesOf(std::size_t count) {
  Entries<ethtool_key, ethtool_counters> entries;
  for (std::size_t i = 0; i < count; ++i) {
    const ethtool_key key{Device("eth" + std::to_string(i)),
                          Actor("NetworkManager", "systemd", "NetworkManager.service"),
                          3,
                          95,
                          ETHTOOL_TRANSPORT_IOCTL,
                          0};
    entries.push_back({key, {{i, i}, {i, i}}});
  }
  return entries;
}

std::size_t AllocationsOf(std::size_t count) {
  const auto entries = EntriesOf(count);
  TestContext test;
  std::size_t bytes = 0;
  const Sink sink = [&](std::string_view piece) {
    bytes += piece.size();
    return true;
  };
  const std::size_t before = g_allocations;
  {
    MetricsPage page;
    RenderEthtool(entries, {}, test.context, page);
    page.Sort();
    page.Write(sink);
  }
  const std::size_t allocations = g_allocations - before;
  EXPECT_GT(bytes, count * 5 * 100);
  return allocations;
}

TEST(ScrapeAllocations, DoNotGrowWithTheNumberOfSeries) {
  const std::size_t few = AllocationsOf(100);
  EXPECT_LT(few, 100U);
  EXPECT_LE(AllocationsOf(20'000), few + 10) << "the list of blocks may grow";
}

}  // namespace
}  // namespace netchange
