// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernel/hook_plan.h"

namespace netchange {

/// What decides about a backend as a whole.
struct Environment {
  std::uint64_t capabilities = 0;  // effective, as /proc/self/status has them
  bool kprobes = false;            // the kernel has a kprobe event source
  bool confidential = false;       // lockdown at its highest level: nobody reads kernel memory
  int perf_paranoid = 2;           // kernel.perf_event_paranoid; 2 is the kernel's own default
  bool namespaces = true;          // those of other processes can be read

  /// Whether BTF of modules can be looked through: bpf(2), BPF_BTF_GET_NEXT_ID.
  [[nodiscard]] bool MayListBtf() const;

  /// Of this process. What cannot be read counts as not there.
  static Environment Read();
};

/// What stands between this process and a backend as a whole, in plain words with a remedy; nullopt
/// where the error says nothing of the kind. `error` is the positive errno of a load or an attach.
std::optional<std::string> ExplainRefusal(Backend backend, int error, const Environment& here);

/// What is seen worse for want of a right though all collectors see their events, a sentence each.
std::vector<std::string> MissingCapabilities(const Environment& here);

}  // namespace netchange
