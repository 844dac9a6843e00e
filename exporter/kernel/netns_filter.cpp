// SPDX-License-Identifier: Apache-2.0
#include "kernel/netns_filter.h"

#include <algorithm>
#include <string>

namespace netchange {
namespace {

bool Includes(const CombinedFilter& filter, const device_ref& device, NetnsNames& names) {
  if (names.IsInitial(device))
    return filter.Verdict("initial").value_or(filter.otherwise()) == FILTER_INCLUDE;
  const std::string name = names.Name(device);
  auto verdict = filter.Verdict(name);
  if (!verdict && name != std::to_string(device.netns)) verdict = filter.Verdict("named");
  return verdict.value_or(filter.otherwise()) == FILTER_INCLUDE;
}

}  // namespace

bool NetnsFilter::Takes(const device_ref& device, NetnsNames& names) const {
  if (device.netns == 0 || device.netns == NETNS_MACHINE) return true;
  return std::all_of(filters_.begin(), filters_.end(), [&](const CombinedFilter& filter) {
    return !filter.otherwise() || Includes(filter, device, names);
  });
}

}  // namespace netchange
