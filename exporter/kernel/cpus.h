// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace netchange {

/// The highest number that a CPU of this machine can have, plus 1: nr_cpu_ids of the kernel.
/// 0 if it cannot be read. `file`: a list such as "0-3,8-11".
std::uint32_t CpuIds(const std::string& file = "/sys/devices/system/cpu/possible");

}  // namespace netchange
