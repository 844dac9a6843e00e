// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernel/hook_plan.h"

namespace netchange {

/// Capabilities of this process and properties of the kernel that decide about a whole backend.
struct Environment {
  std::uint64_t capabilities = 0;  // effective capabilities, from /proc/self/status
  bool kprobes = false;            // the kernel has a kprobe event source
  bool confidential = false;       // lockdown=confidentiality: no program reads kernel memory
  int perf_paranoid = 2;           // kernel.perf_event_paranoid; 2 is the kernel's own default
  bool namespaces = true;          // the namespaces of other processes can be read

  /// Reads this process and kernel. What cannot be read counts as absent.
  static Environment Read();
};

/// Why the whole backend does not work here, and what to do; nullopt if the error has another
/// cause. `error` is the positive errno of a load or an attach.
std::optional<std::string> ExplainRefusal(Backend backend, int error, const Environment& here);

/// One sentence for each missing capability that loses details, although all collectors work.
std::vector<std::string> MissingCapabilities(const Environment& here);

}  // namespace netchange
