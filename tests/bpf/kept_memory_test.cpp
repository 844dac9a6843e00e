// SPDX-License-Identifier: Apache-2.0
// What running collectors keep in memory. Needs root.
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "collectors/collector_set.h"

namespace netchange {
namespace {

// By malloc, in large and small pieces.
std::size_t BytesInUse() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

int DescriptorsOf(const std::string& kind) {
  int count = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    count += std::filesystem::read_symlink(entry.path(), error) == kind;
  return count;
}

// libbpf's objects alone would be 15 MB, and the kernel's types 10 MB.
TEST(KeptMemory, IsSmallOnceProgramsAreAttached) {
  const int types = DescriptorsOf("anon_inode:btf");
  const std::size_t before = BytesInUse();
  const auto collectors = CollectorSet::Start({}, false, -1);
  const std::size_t after = BytesInUse();
  ASSERT_GT(collectors->Working(), 0U);
  EXPECT_LT(after, before + 512 * 1024);
  EXPECT_EQ(DescriptorsOf("anon_inode:btf"), types);
}

}  // namespace
}  // namespace netchange
