// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "kernel/kernel_functions.h"

namespace netchange {

/// Adds the kernel functions that begin a dump of one device.
void AddDumpFunctions(std::set<std::string, std::less<>>& names);

/// Bits: ETHTOOL_MSG_* whose dump this kernel can make of one device, by the functions that it has.
/// With every other command a kernel ignores the device of a dump.
std::uint64_t DeviceDumps(const KernelFunctions& functions);

}  // namespace netchange
