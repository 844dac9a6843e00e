// SPDX-License-Identifier: Apache-2.0
#include "kernel/cpus.h"

#include <gtest/gtest.h>

#include "support.h"

namespace netchange {
namespace {

TEST(CpuIds, IsTheHighestNumberAndOne) {
  const TemporaryDirectory directory;
  EXPECT_EQ(CpuIds(directory.File("one", "0\n")), 1u);
  EXPECT_EQ(CpuIds(directory.File("range", "0-255\n")), 256u);
  EXPECT_EQ(CpuIds(directory.File("gaps", "0-3,8-11\n")), 12u);
  EXPECT_EQ(CpuIds(directory.File("single", "0-3,9\n")), 10u);
}

TEST(CpuIds, IsZeroWhereItCannotBeRead) {
  const TemporaryDirectory directory;
  EXPECT_EQ(CpuIds(directory.path() + "/none"), 0u);
  for (const char* text : {"", "\n", "0-", "0-x", "0-3x", "99999999999"})
    EXPECT_EQ(CpuIds(directory.File("bad", text)), 0u) << text;
}

TEST(CpuIds, KnowsThisMachine) { EXPECT_GE(CpuIds(), 1u); }

}  // namespace
}  // namespace netchange
