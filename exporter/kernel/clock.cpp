// SPDX-License-Identifier: Apache-2.0
#include "kernel/clock.h"

#include <cstdlib>
#include <ctime>
#include <limits>

namespace netchange {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t Now(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

// Takes several samples, and keeps the one with the shortest time between its two readings of boot
// time.
std::int64_t SampleOffset() {
  std::int64_t best_window = std::numeric_limits<std::int64_t>::max();
  std::int64_t offset = 0;
  for (int i = 0; i < 5; ++i) {
    const std::int64_t before = Now(CLOCK_BOOTTIME);
    const std::int64_t real = Now(CLOCK_REALTIME);
    const std::int64_t window = Now(CLOCK_BOOTTIME) - before;
    if (window >= best_window) continue;
    best_window = window;
    offset = real - (before + window / 2);
  }
  return offset;
}

}  // namespace

std::int64_t BootNanoseconds() { return Now(CLOCK_BOOTTIME); }

KernelClock::KernelClock() : offset_ns_(SampleOffset()) {}

void KernelClock::Refresh() { Adopt(SampleOffset()); }

void KernelClock::Adopt(std::int64_t sampled_ns) {
  if (std::abs(sampled_ns - offset_ns_) > kSecond) offset_ns_ = sampled_ns;
}

std::int64_t KernelClock::UnixNanoseconds(std::uint64_t boot_ns) const {
  return static_cast<std::int64_t>(boot_ns) + offset_ns_;
}

double KernelClock::UnixSeconds(std::uint64_t boot_ns) const {
  const std::int64_t ns = UnixNanoseconds(boot_ns);
  const std::int64_t seconds = ns / kSecond;
  return static_cast<double>(seconds) + static_cast<double>(ns % kSecond) / kSecond;
}

}  // namespace netchange
