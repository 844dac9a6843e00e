// SPDX-License-Identifier: Apache-2.0
#include "kernel/preemption.h"

#include <gtest/gtest.h>

namespace netchange {
namespace {

constexpr char kDynamic[] = "#1 SMP PREEMPT_DYNAMIC Debian 6.12.117-1 (2026-11-12)";

TEST(Preempts, FollowsTheKernelsMode) {
  EXPECT_FALSE(Preempts("none (voluntary) full\n", kDynamic));
  EXPECT_FALSE(Preempts("(none) voluntary full lazy\n", kDynamic));
  EXPECT_TRUE(Preempts("none voluntary (full)\n", kDynamic));
  EXPECT_TRUE(Preempts("full (lazy)\n", kDynamic));
}

TEST(Preempts, IsTrueIfTheModeIsUnknown) {
  EXPECT_TRUE(Preempts("", kDynamic));
  EXPECT_TRUE(Preempts("", "#1 SMP PREEMPT Debian"));
  EXPECT_TRUE(Preempts("", "#1 SMP PREEMPT_RT Debian"));
  EXPECT_FALSE(Preempts("", "#1 SMP Debian 5.10.262-1 (2026-10-01)"));
  EXPECT_FALSE(Preempts("", ""));
}

}  // namespace
}  // namespace netchange
