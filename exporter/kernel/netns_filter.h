// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "bpf/abi/device.h"
#include "kernel/combined_filter.h"
#include "kernel/netns_names.h"

namespace netchange {

/// Whether the events of a network namespace count. A pattern is for its name below /run/netns, or
/// its number if it has none; `initial` is the initial namespace, and `named` are all with a name.
/// A pattern for the name itself is stronger than `named`. Applied to what the kernel side has
/// counted, because it does not know names. Thread-safe.
class NetnsFilter {
 public:
  /// Takes every namespace.
  NetnsFilter() = default;
  /// Takes what both take.
  NetnsFilter(const NameFilter& general, const NameFilter& special)
      : filters_{CombinedFilter(general, {}), CombinedFilter(special, {})} {}

  /// Takes what belongs to no namespace, or to an unknown one.
  [[nodiscard]] bool Takes(const device_ref& device, NetnsNames& names) const;

 private:
  std::array<CombinedFilter, 2> filters_;
};

}  // namespace netchange
