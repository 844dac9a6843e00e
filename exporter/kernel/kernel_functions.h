// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "util/result.h"

namespace netchange {

/// The functions of the running kernel that have type information (BTF), with the number of their
/// arguments. Read once, at start. Not thread-safe while it is changed.
class KernelFunctions {
 public:
  /// From /sys/kernel/btf/vmlinux. The error says what a kernel without it lacks.
  static Result<KernelFunctions> Read();
  /// Of a list, for tests.
  explicit KernelFunctions(std::unordered_map<std::string, int> arguments)
      : arguments_(std::move(arguments)) {}

  /// Treats a function as missing: it is not traced, and an alternative is used if there is one.
  void Skip(const std::string& function) { arguments_.erase(function); }
  /// nullopt if this kernel has no such function: it is inlined, renamed or not built in.
  [[nodiscard]] std::optional<int> Arguments(std::string_view function) const;

 private:
  std::unordered_map<std::string, int> arguments_;
};

}  // namespace netchange
