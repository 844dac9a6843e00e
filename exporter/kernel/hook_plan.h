// SPDX-License-Identifier: Apache-2.0
// What to attach to, and how: a table of hooks, and the choice among the ways that a kernel may
// take.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/kernel_functions.h"

namespace netchange {

/// How a function is observed. The first that a kernel takes is used; the others are not loaded.
enum class Backend { kFexit, kKprobe };

/// `fexit`, `kprobe`.
std::string_view NameOf(Backend backend);

/// What a hook is to its collector.
enum class Need {
  kEvents,   // it sees events: without any of these a collector is blind
  kDetails,  // it only adds to what another one sees
};

/// One kernel function to observe. Its programs are `<name>_fentry`, `<name>_fexit`,
/// `<name>_kprobe` and `<name>_kretprobe` (bpf/hook.bpf.h), or only those of the entry, or of the
/// exit. A function whose arguments changed over the versions has several.
struct Hook {
  const char* name;
  const char* function;
  int arguments;
  Need need;
  /// The function that is observed instead where it can be: then this one is not in the plan at
  /// all.
  const char* instead_of = nullptr;
};

/// What became of a hook.
struct HookState {
  const Hook* hook;
  std::optional<Backend> backend;  // how it is, or is to be, attached
  std::string reason;              // why it is not
};

/// Why a way to attach was refused, by hook name and backend.
using Refusals = std::map<std::pair<std::string, Backend>, std::string>;

/// Chooses for each function the first of `backends` that was not refused. A function that this
/// kernel does not have is in the result once, with the reason, unless another one is observed in
/// its place. Pure: it asks the kernel nothing.
std::vector<HookState> PlanHooks(std::span<const Hook> hooks, const KernelFunctions& functions,
                                 std::span<const Backend> backends, const Refusals& refusals);

}  // namespace netchange
