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

/// How events are observed, the best way first: at the kernel function that they all pass, or at
/// the system calls that lead to it. The first that a kernel takes is used; the others are not
/// loaded.
enum class Backend { kFexit, kKprobe, kSyscall };

inline constexpr Backend kAllBackends[] = {Backend::kFexit, Backend::kKprobe, Backend::kSyscall};

/// `fexit`, `kprobe`, `syscall`.
std::string_view NameOf(Backend backend);

/// What a hook is to its collector.
enum class Need {
  kEvents,   // it sees events: without any of these a collector is blind
  kDetails,  // it only adds to what another one sees
};

/// What a hook observes.
enum class Target {
  kFunction,    // of the kernel, with a tracing backend
  kSystemCall,  // with the backend kSyscall
  kCgroup,      // the same: a hook of all cgroups
};

/// One kernel function to observe. Its programs are `<name>_fentry`, `<name>_fexit`,
/// `<name>_kprobe` and `<name>_kretprobe` (bpf/lib/hook.bpf.h), or only those of the entry, or of
/// the exit. A function whose arguments changed over the versions has several. Or one system call,
/// `sys_<call>`: its program at the entry is `<name>_enter` or none, and that at the exit is the
/// object's `sys_exit` (bpf/syscall/syscall.bpf.h).
struct Hook {
  const char* name;
  const char* function;
  int arguments;
  Need need;
  /// The function that is observed instead where it can be: then this one is not in the plan at
  /// all.
  const char* instead_of = nullptr;
  Target target = Target::kFunction;
};

/// `name`: "sys_ioctl".
constexpr Hook SystemCall(const char* name, Need need = Need::kEvents) {
  return {name, name, 0, need, nullptr, Target::kSystemCall};
}

/// `name`: "cgroup_sysctl"; its program is `<name>_enter`.
constexpr Hook CgroupHook(const char* name) {
  return {name, name, 0, Need::kEvents, nullptr, Target::kCgroup};
}

enum class Place { kEntry, kExit };

/// The name of a hook's program at its entry or exit. The object may have none of this name.
std::string ProgramName(const Hook& hook, Backend backend, Place place);

/// What became of a hook.
struct HookState {
  const Hook* hook;
  std::optional<Backend> backend;  // how it is, or is to be, attached
  std::string reason;              // why it is not
};

/// A function that is observed without a hook of the table.
struct ProbeState {
  std::string function;
  Backend backend;
  std::string reason;  // why it is not observed; empty: it is
};

/// Whether any of them does: else the collector is blind.
bool SeesEvents(const std::vector<HookState>& plan);

/// Why hooks are not attached, in one line, each reason once.
std::string ReasonsOf(const std::vector<HookState>& plan);

/// Why a way to attach was refused, by hook name and backend.
using Refusals = std::map<std::pair<std::string, Backend>, std::string>;

/// Chooses for each function the first of `backends` that was not refused. A function that this
/// kernel does not have is in the result once, with the reason, unless another one is observed in
/// its place. System calls are in the result only where no function is observed that sees events.
/// Pure: it asks the kernel nothing.
std::vector<HookState> PlanHooks(std::span<const Hook> hooks, const KernelFunctions& functions,
                                 std::span<const Backend> backends, const Refusals& refusals);

}  // namespace netchange
