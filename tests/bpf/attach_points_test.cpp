// SPDX-License-Identifier: Apache-2.0
// Requirements of system-call programs on the running kernel. Needs root.
#include "kernel/attach_points.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <string>

namespace netchange {
namespace {

std::string Mounts() {
  std::ifstream file("/proc/self/mountinfo");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(AttachPoints, FindTracefsOrMountItForThisProcessAlone) {
  const std::string before = Mounts();
  const auto tracefs = OpenTracefs();
  ASSERT_TRUE(tracefs) << tracefs.error().message;
  EXPECT_EQ(faccessat(tracefs->get(), "events/syscalls/sys_enter_ioctl/id", R_OK, 0), 0);
  EXPECT_EQ(Mounts(), before);
}

TEST(AttachPoints, FindTheRootOfAllCgroups) {
  const std::string before = Mounts();
  const auto root = OpenCgroupRoot();
  ASSERT_TRUE(root) << root.error().message;
  // In the hierarchy, only the root directory does not have this file.
  EXPECT_EQ(faccessat(root->get(), "cgroup.procs", R_OK, 0), 0);
  EXPECT_NE(faccessat(root->get(), "cgroup.type", F_OK, 0), 0);
  EXPECT_EQ(Mounts(), before);
}

}  // namespace
}  // namespace netchange
