// SPDX-License-Identifier: Apache-2.0
#include "kernel/netns_filter.h"

namespace netchange {

bool NetnsFilter::Takes(const device_ref& device, NetnsNames& names) const {
  if (!names_.otherwise() || device.netns == 0 || device.netns == NETNS_MACHINE) return true;
  if (names.IsInitial(device))
    return names_.Verdict("initial").value_or(names_.otherwise()) == FILTER_INCLUDE;
  const std::string name = names.Name(device);
  auto verdict = names_.Verdict(name);
  if (!verdict && name != std::to_string(device.netns)) verdict = names_.Verdict("named");
  return verdict.value_or(names_.otherwise()) == FILTER_INCLUDE;
}

}  // namespace netchange
