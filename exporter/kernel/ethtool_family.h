// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace netchange {

/// Id of the generic netlink family "ethtool", the same in all namespaces until the next boot. 0 if
/// this kernel has none (before 5.6, or without CONFIG_ETHTOOL_NETLINK).
std::uint32_t ResolveEthtoolFamily();

}  // namespace netchange
