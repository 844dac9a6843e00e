// SPDX-License-Identifier: Apache-2.0
#include "kernel/mounts.h"

#include <gtest/gtest.h>

namespace netchange {
namespace {

TEST(Mounts, HaveRootPlaceAndType) {
  const auto mounts = ParseMounts(
      "22 1 0:21 / /proc rw shared:5 - proc proc rw\n"
      "cut\n"
      "26 24 0:7 / /sys/kernel/tracing rw,nosuid master:1 shared:2 - tracefs tracefs rw\n"
      "30 24 0:9 / /a\\040b\\134c rw - cgroup2 cgroup2 rw\n");
  ASSERT_EQ(mounts.size(), 3u);
  EXPECT_EQ(mounts[0].root, "/");
  EXPECT_EQ(mounts[0].place, "/proc");
  EXPECT_EQ(mounts[0].type, "proc");
  EXPECT_EQ(mounts[1].place, "/sys/kernel/tracing");
  EXPECT_EQ(mounts[1].type, "tracefs");
  EXPECT_EQ(mounts[2].place, "/a b\\c");
  EXPECT_EQ(mounts[2].type, "cgroup2");
}

TEST(Mounts, HaveNoTypeWhereTheLineHasNone) {
  const auto mounts = ParseMounts("22 1 0:21 / /proc rw");
  ASSERT_EQ(mounts.size(), 1u);
  EXPECT_EQ(mounts[0].type, "");
}

TEST(Mounts, AreThoseOfThisProcess) {
  bool root = false;
  for (const Mount& mount : ReadMounts()) root = root || mount.place == "/";
  EXPECT_TRUE(root);
}

}  // namespace
}  // namespace netchange
