// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "util/result.h"

namespace netchange {

/// Functions of the running kernel that have BTF, with their number of arguments. Read once, at
/// start. Not thread-safe while Skip() is called.
class KernelFunctions {
 public:
  /// Reads /sys/kernel/btf/vmlinux. The error names the missing kernel option.
  static Result<KernelFunctions> Read();
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
