// SPDX-License-Identifier: Apache-2.0
#include "kernel/preemption.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace netchange {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

constexpr char kDynamic[] = "#1 SMP PREEMPT_DYNAMIC Debian 6.12.117-1 (2026-11-12)";

TEST(Preempts, IsWhatTheKernelHasChosen) {
  EXPECT_FALSE(Preempts("none (voluntary) full\n", kDynamic));
  EXPECT_FALSE(Preempts("(none) voluntary full lazy\n", kDynamic));
  EXPECT_TRUE(Preempts("none voluntary (full)\n", kDynamic));
  EXPECT_TRUE(Preempts("full (lazy)\n", kDynamic));
}

TEST(Preempts, IsWhatTheKernelMayHaveChosenWhereItDoesNotTell) {
  EXPECT_TRUE(Preempts("", kDynamic));
  EXPECT_TRUE(Preempts("", "#1 SMP PREEMPT Debian"));
  EXPECT_TRUE(Preempts("", "#1 SMP PREEMPT_RT Debian"));
  EXPECT_FALSE(Preempts("", "#1 SMP Debian 5.10.262-1 (2026-10-01)"));
  EXPECT_FALSE(Preempts("", ""));
}

TEST(InOrderFor, HasKprobeFirstWhereTheKernelPreempts) {
  const std::vector all(std::begin(kAllBackends), std::end(kAllBackends));
  EXPECT_EQ(InOrderFor(all, false), all);
  EXPECT_THAT(InOrderFor(all, true),
              ElementsAre(Backend::kKprobe, Backend::kFexit, Backend::kSyscall));
  for (const Backend one : all) EXPECT_THAT(InOrderFor({one}, true), ElementsAre(one));
}

TEST(NoteOn, TellsWhyTheOrderIsAnotherAndWhatFexitCosts) {
  const std::vector all(std::begin(kAllBackends), std::end(kAllBackends));
  EXPECT_EQ(NoteOn(all, false), "");
  EXPECT_THAT(NoteOn(all, true), StartsWith("auto takes kprobe before fexit"));
  EXPECT_EQ(NoteOn({Backend::kFexit}, false), "");
  EXPECT_THAT(NoteOn({Backend::kFexit}, true), StartsWith("fexit can lose events"));
  EXPECT_EQ(NoteOn({Backend::kKprobe}, true), "");
  EXPECT_EQ(NoteOn({Backend::kSyscall}, true), "");
}

}  // namespace
}  // namespace netchange
