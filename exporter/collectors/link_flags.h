// SPDX-License-Identifier: Apache-2.0
// Names of the flags of network devices.
#pragma once

#include <cstdint>
#include <string>

namespace netchange {

/// IFF_ flags of linux/if.h as ip(8) writes them, the lowest first: "UP,BROADCAST,MULTICAST". Flags
/// without a name come last, as a number: "UP,0x80000". "0" for no flags.
std::string LinkFlagsText(std::uint32_t flags);

}  // namespace netchange
