// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kernel/kernel_btf.h"

namespace netchange {

/// Those of some functions that the running kernel has, by its BTF, with their number of arguments.
/// Read once, at start. Not thread-safe while Skip() is called.
class KernelFunctions {
 public:
  /// Searches the kernel's types for functions of these names.
  static KernelFunctions Read(const KernelBtf& types,
                              const std::set<std::string, std::less<>>& names);
  /// From a list, for tests.
  explicit KernelFunctions(std::unordered_map<std::string, int> arguments)
      : arguments_(std::move(arguments)) {}

  /// Treats a function as missing: it is not traced, and an alternative is used if there is one.
  void Skip(const std::string& function) { arguments_.erase(function); }
  /// nullopt if this kernel has no such function: inlined, renamed or not built in.
  [[nodiscard]] std::optional<int> Arguments(std::string_view function) const;

 private:
  std::unordered_map<std::string, int> arguments_;
};

}  // namespace netchange
