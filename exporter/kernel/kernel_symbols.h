// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace netchange {

/// Addresses of functions of the running kernel, by name. A name that is not there, or is there
/// more than once, is left out; so are all where the kernel hides addresses (kptr_restrict, or no
/// rights). Reads the whole of `file`, which takes some hundredths of a second.
std::map<std::string, std::uint64_t> ReadKernelSymbols(const std::set<std::string>& names,
                                                       const std::string& file = "/proc/kallsyms");

}  // namespace netchange
