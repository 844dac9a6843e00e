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

/// Addresses of functions of the running kernel, by name. Left out are names that are not there, or
/// more than once, and all names where the kernel hides addresses (kptr_restrict, or a missing
/// capability). Reads the whole of `file`, which takes some hundredths of a second.
std::map<std::string, std::uint64_t> ReadKernelSymbols(const std::set<std::string>& names,
                                                       const std::string& file = "/proc/kallsyms");

}  // namespace netchange
