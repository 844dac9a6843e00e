// SPDX-License-Identifier: Apache-2.0
// What to attach to, and how: a table of hooks, and the choice among the ways that a kernel may
// take.
#pragma once

#include <array>
#include <cstddef>
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

/// Where a hook has programs.
enum class Ends { kBoth, kEntry, kExit };

/// One kernel function, or one system call. The programs of a function are `<name>_fentry` and
/// `<name>_kprobe` at its entry, `<name>_fexit` and `<name>_kretprobe` at its exit
/// (bpf/lib/hook.bpf.h); those of a system call `sys_<call>` are `<name>_enter` and the object's
/// `sys_exit` (bpf/syscall/syscall.bpf.h). A table has a hook for each list of arguments that a
/// function has had over the versions.
struct Hook {
  const char* name;
  /// Names of the function over the versions, the newest first; the first that can be traced is.
  std::array<const char*, 2> functions;
  int arguments = 0;
  Need need = Need::kEvents;
  Ends ends = Ends::kBoth;
  /// A hook that makes this one superfluous where it is attached.
  const char* unless = nullptr;
  Target target = Target::kFunction;

  [[nodiscard]] constexpr Hook Formerly(const char* older) const {
    Hook hook = *this;
    hook.functions[1] = older;
    return hook;
  }
  /// For one of several lists of arguments: the name of its programs.
  [[nodiscard]] constexpr Hook Named(const char* programs) const {
    Hook hook = *this;
    hook.name = programs;
    return hook;
  }
  [[nodiscard]] constexpr Hook At(Ends where) const {
    Hook hook = *this;
    hook.ends = where;
    return hook;
  }
  [[nodiscard]] constexpr Hook Unless(const char* other) const {
    Hook hook = *this;
    hook.unless = other;
    return hook;
  }
};

/// A kernel function that sees events, and its number of arguments.
constexpr Hook Function(const char* name, int arguments) {
  return {.name = name, .functions = {name, nullptr}, .arguments = arguments};
}

/// A kernel function that only adds details.
constexpr Hook Detail(const char* name, int arguments) {
  return {
      .name = name, .functions = {name, nullptr}, .arguments = arguments, .need = Need::kDetails};
}

/// `name`: "sys_ioctl".
constexpr Hook SystemCall(const char* name) {
  return {.name = name, .functions = {name, nullptr}, .target = Target::kSystemCall};
}

/// `name`: "cgroup_sysctl"; its program is `<name>_enter`.
constexpr Hook CgroupHook(const char* name) {
  return {
      .name = name, .functions = {name, nullptr}, .ends = Ends::kEntry, .target = Target::kCgroup};
}

enum class Place { kEntry, kExit };
inline constexpr Place kPlaces[] = {Place::kEntry, Place::kExit};

bool HasProgram(const Hook& hook, Place place);
/// The name of a hook's program at its entry or exit; empty if the hook has none there.
std::string ProgramName(const Hook& hook, Backend backend, Place place);
/// The programs of a hook, of all backends.
std::vector<std::string> ProgramNames(const Hook& hook);

/// What became of a hook.
struct HookState {
  const Hook* hook;
  std::optional<Backend> backend;  // how it is, or is to be, attached
  std::string reason;              // why it is not
  std::size_t name = 0;            // which of the hook's functions

  [[nodiscard]] const char* function() const { return hook->functions[name]; }
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

/// Why a way to attach was refused, by function and backend.
using Refusals = std::map<std::pair<std::string, Backend>, std::string>;

/// Chooses for each hook the first of its functions that this kernel has, and the first of
/// `backends` that did not refuse it. A hook of which no function can be traced is in the result
/// once, with the reason of the first, unless another one is attached in its place. System calls
/// are in the result only where no function is observed that sees events. Pure: it asks the kernel
/// nothing.
std::vector<HookState> PlanHooks(std::span<const Hook> hooks, const KernelFunctions& functions,
                                 std::span<const Backend> backends, const Refusals& refusals);

}  // namespace netchange
