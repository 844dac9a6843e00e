// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace netchange {

/// A line of /proc/kallsyms: `ffffffffc0a81b20 t veth_xdp	[veth]`. The texts are parts of the
/// line.
struct KernelSymbol {
  std::uint64_t address = 0;  // 0: the kernel hides it
  std::string_view name;
  std::string_view module;  // empty: the kernel itself
};

/// nullopt if the line is not one of /proc/kallsyms.
std::optional<KernelSymbol> ParseKernelSymbol(std::string_view line);

/// Addresses of functions of the running kernel, by name. Absent: unknown names, names that occur
/// more than once, and all names if the kernel hides addresses (kptr_restrict, or no CAP_SYSLOG).
/// Reads all of `file`, which takes some hundredths of a second.
std::map<std::string, std::uint64_t> ReadKernelSymbols(const std::set<std::string>& names,
                                                       const std::string& file = "/proc/kallsyms");

}  // namespace netchange
