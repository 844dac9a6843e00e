// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "bpf/abi/sysctl.h"
#include "kernel/map_contents.h"

namespace netchange {

/// A kernel function that reads and writes a sysctl (ctl_table.proc_handler), and what it stores at
/// ctl_table.data according to its source.
struct SysctlHandler {
  const char* function;
  sysctl_storage storage;
};

/// The handlers whose storage is known to hold the value. For other handlers the text is compared.
std::span<const SysctlHandler> SysctlHandlers();

/// Contents of the map `sysctl_handlers` for the running kernel.
MapEntries SysctlHandlerEntries();

}  // namespace netchange
