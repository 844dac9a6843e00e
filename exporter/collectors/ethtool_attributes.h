// SPDX-License-Identifier: Apache-2.0
// Names of the attributes of ethtool's netlink messages.
#pragma once

#include <cstdint>
#include <string>

namespace netchange {

/// What a message sets: the names of its attributes in linux/ethtool_netlink.h, without the prefix:
/// "rx, tx" for ETHTOOL_A_RINGS_RX and ETHTOOL_A_RINGS_TX. `types`: one bit for each attribute
/// type. A type that is not in the table is "attribute <number>". Without the header (type 1).
/// Thread-safe.
std::string DescribeAttributes(std::uint32_t message, std::uint64_t types);

}  // namespace netchange
