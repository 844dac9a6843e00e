// SPDX-License-Identifier: Apache-2.0
#include "kernel/clock.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <ctime>

namespace netchange {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kBoot = 1'700'000'000 * kSecond;

std::int64_t Now(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

TEST(KernelClock, AddsItsOffset) {
  const KernelClock clock(kBoot);
  EXPECT_EQ(clock.UnixNanoseconds(0), kBoot);
  EXPECT_EQ(clock.UnixNanoseconds(123'456'789'012), 1'700'000'123'456'789'012);
  EXPECT_EQ(clock.UnixSeconds(0), 1'700'000'000.0);
  EXPECT_EQ(clock.UnixSeconds(123'500'000'000), 1'700'000'123.5);
}

TEST(KernelClock, TellsMicrosecondsApartInSeconds) {
  const KernelClock clock(kBoot);
  for (std::uint64_t microsecond = 0; microsecond < 1'000'000; microsecond += 997) {
    const double seconds = clock.UnixSeconds(microsecond * 1000);
    ASSERT_LT(seconds, clock.UnixSeconds((microsecond + 1) * 1000)) << microsecond;
    ASSERT_NEAR(seconds, 1.7e9 + static_cast<double>(microsecond) / 1e6, 2.4e-7) << microsecond;
  }
}

TEST(KernelClock, KeepsItsOffsetWhileTheWallClockDriftsUpToASecond) {
  for (const std::int64_t drift :
       {std::int64_t{0}, std::int64_t{1}, -kSecond / 2, kSecond, -kSecond}) {
    KernelClock clock(kBoot);
    clock.Adopt(kBoot + drift);
    EXPECT_EQ(clock.UnixNanoseconds(0), kBoot) << drift;
  }
}

TEST(KernelClock, TakesTheNewOffsetAfterAStepOfMoreThanASecond) {
  for (const std::int64_t step : {kSecond + 1, -kSecond - 1, 3600 * kSecond, -kBoot}) {
    KernelClock clock(kBoot);
    clock.Adopt(kBoot + step);
    EXPECT_EQ(clock.UnixNanoseconds(0), kBoot + step) << step;
  }
}

TEST(KernelClock, ComparesDriftWithTheOffsetInUse) {
  KernelClock clock(kBoot);
  clock.Adopt(kBoot + kSecond);  // refused, so the next sample is not compared with it
  clock.Adopt(kBoot + 2 * kSecond);
  EXPECT_EQ(clock.UnixNanoseconds(0), kBoot + 2 * kSecond);
}

TEST(KernelClock, MeasuresTheOffsetOfThisMachine) {
  const KernelClock clock;
  const std::int64_t before = Now(CLOCK_REALTIME);
  const std::int64_t converted =
      clock.UnixNanoseconds(static_cast<std::uint64_t>(Now(CLOCK_BOOTTIME)));
  const std::int64_t after = Now(CLOCK_REALTIME);
  EXPECT_GE(converted, before - kSecond / 10);
  EXPECT_LE(converted, after + kSecond / 10);
}

TEST(KernelClock, DoesNotJitterWhenItLooksAgain) {
  KernelClock clock;
  const std::int64_t first = clock.UnixNanoseconds(0);
  for (int i = 0; i < 100; ++i) {
    clock.Refresh();
    ASSERT_EQ(clock.UnixNanoseconds(0), first);
  }
}

TEST(KernelClock, FindsAStepWhenItLooksAgain) {
  KernelClock stepped(0);
  stepped.Refresh();
  EXPECT_NEAR(static_cast<double>(stepped.UnixNanoseconds(0)),
              static_cast<double>(KernelClock().UnixNanoseconds(0)), 0.1 * kSecond);
}

}  // namespace
}  // namespace netchange
