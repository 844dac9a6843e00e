// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace netchange {

/// CLOCK_BOOTTIME in nanoseconds. The kernel side stamps events with this clock.
std::int64_t BootNanoseconds();

/// Converts boot time to Unix time. Not thread-safe. Samples the offset between the clocks once,
/// and again only after a step of the wall clock of more than a second. If it were sampled at each
/// scrape, gauges would jitter and `changes()` would count that.
class KernelClock {
 public:
  KernelClock();
  /// With a fixed offset, for tests.
  explicit KernelClock(std::int64_t offset_ns) : offset_ns_(offset_ns) {}

  /// Checks whether the wall clock was stepped.
  void Refresh();
  /// `boot_ns`: nanoseconds of CLOCK_BOOTTIME.
  [[nodiscard]] double UnixSeconds(std::uint64_t boot_ns) const;
  /// The same in nanoseconds since 1970.
  [[nodiscard]] std::int64_t UnixNanoseconds(std::uint64_t boot_ns) const;
  /// Takes `sampled_ns` as the offset if it differs from the current one by more than a second.
  void Adopt(std::int64_t sampled_ns);

 private:
  std::int64_t offset_ns_;  // CLOCK_REALTIME - CLOCK_BOOTTIME
};

}  // namespace netchange
