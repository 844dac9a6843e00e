// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bpf/abi/config_write.h"
#include "kernel/map_contents.h"

namespace netchange {

/// The value that the kernel side stores for a write of this mask: groups of at most 8 hexadecimal
/// digits, as the files of /proc/irq show them. nullopt if it is no mask, or has a CPU from
/// CPU_MASK_BITS on. `cpu_ids`: as in the settings.
std::optional<config_value> CpuMaskValue(const std::string& text, std::uint32_t cpu_ids);

/// Initial contents of the map `irq_values`: the default mask and the mask of each interrupt, so
/// that a first write that changes nothing is no change. Empty if the number of CPUs is unknown.
MapEntries IrqMasks(const std::string& directory = "/proc/irq");

}  // namespace netchange
