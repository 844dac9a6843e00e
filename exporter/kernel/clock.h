// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace netchange {

/// CLOCK_BOOTTIME, by which the kernel side stamps events.
std::int64_t BootNanoseconds();

/// Turns the kernel's boot time stamps into Unix time. Not thread-safe.
///
/// The offset between the two clocks is sampled once, and taken anew only after the wall clock was
/// stepped by more than a second: sampled at each scrape, gauges would jitter and `changes()` would
/// count it.
class KernelClock {
 public:
  KernelClock();
  /// With a fixed offset, for tests.
  explicit KernelClock(std::int64_t offset_ns) : offset_ns_(offset_ns) {}

  /// Looks whether the wall clock was stepped.
  void Refresh();
  /// `boot_ns`: nanoseconds of CLOCK_BOOTTIME.
  [[nodiscard]] double UnixSeconds(std::uint64_t boot_ns) const;
  /// The same in nanoseconds since 1970.
  [[nodiscard]] std::int64_t UnixNanoseconds(std::uint64_t boot_ns) const;
  /// Takes `sampled_ns` as offset if it is more than a second away from the present one.
  void Adopt(std::int64_t sampled_ns);

 private:
  std::int64_t offset_ns_;  // CLOCK_REALTIME - CLOCK_BOOTTIME
};

}  // namespace netchange
