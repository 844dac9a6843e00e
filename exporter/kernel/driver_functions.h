// SPDX-License-Identifier: Apache-2.0
// The functions in which drivers accept XDP programs: net_device_ops.ndo_bpf, `int (struct
// net_device *, struct netdev_bpf *)`, in the kernel or in a module.
#pragma once

#include <cstdint>
#include <istream>
#include <set>
#include <string>
#include <vector>

#include "util/result.h"

struct btf;

namespace netchange {

struct DriverFunction {
  std::string module;  // empty if in the kernel itself
  std::string name;

  auto operator<=>(const DriverFunction&) const = default;
};

/// Functions with that prototype among the types from id `first` on: 1 for all, the number of base
/// types for the types that a module adds. Compares names, because a module may have its own copies
/// of types.
std::vector<std::string> FunctionsOfDriverPrototype(const btf* types, std::uint32_t first);

/// The same for modules without type information, from the symbols of /proc/kallsyms: only the
/// names that drivers had in Linux 5.10. A name says nothing about the prototype, so no name is
/// guessed: a function that ends in `_xdp` may run for each packet.
std::vector<DriverFunction> KnownDriverFunctions(std::istream& kallsyms,
                                                 const std::set<std::string>& modules);

/// Address of a module's function in the text of /proc/kallsyms; 0 if it is missing or hidden.
std::uint64_t AddressOf(std::istream& kallsyms, const DriverFunction& function);

/// Names in the text of /proc/modules.
std::set<std::string> ModuleNames(std::istream& modules);

/// Functions of the running kernel and of all loaded modules. Reads the kernel's BTF, which takes
/// some hundredths of a second.
Result<std::vector<DriverFunction>> FindDriverFunctions();

/// Functions of one loaded module.
Result<std::vector<DriverFunction>> FindDriverFunctionsOf(const std::string& module);

}  // namespace netchange
