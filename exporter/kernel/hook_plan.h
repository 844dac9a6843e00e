// SPDX-License-Identifier: Apache-2.0
// A table of hooks, and the choice of a backend for each.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/kernel_functions.h"

namespace netchange {

/// How hooks are attached, best first: to kernel functions, or to the system calls that lead to
/// them. The first backend that the kernel accepts is used; the others are not loaded.
enum class Backend { kFexit, kKprobe, kSyscall };

inline constexpr Backend kAllBackends[] = {Backend::kFexit, Backend::kKprobe, Backend::kSyscall};

/// `fexit`, `kprobe`, `syscall`.
std::string_view NameOf(Backend backend);

/// Role of a hook in its collector.
enum class Need {
  kEvents,   // counts events: without such a hook the collector is blind
  kDetails,  // only adds details to events of other hooks
};

/// Where a hook has programs.
enum class Ends { kBoth, kEntry, kExit };

/// One kernel function. Its programs are `<name>_fentry` and `<name>_kprobe` at its entry,
/// `<name>_fexit` and `<name>_kretprobe` at its exit (bpf/lib/hook.bpf.h). A table has one hook for
/// each argument list that a function had in the supported kernels.
struct Hook {
  const char* name;
  /// Names of the function in different kernels, newest first. The first that can be traced is
  /// used.
  std::array<const char*, 2> functions;
  int arguments = 0;
  Need need = Need::kEvents;
  Ends ends = Ends::kBoth;
  /// If this other hook is attached, this one is not needed.
  const char* unless = nullptr;

  [[nodiscard]] constexpr Hook Formerly(const char* older) const {
    Hook hook = *this;
    hook.functions[1] = older;
    return hook;
  }
  /// For one of several argument lists: the name of its programs.
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

/// A kernel function that counts events, and its number of arguments.
constexpr Hook Function(const char* name, int arguments) {
  return {.name = name, .functions = {name, nullptr}, .arguments = arguments};
}

/// A kernel function that only adds details.
constexpr Hook Detail(const char* name, int arguments) {
  return {
      .name = name, .functions = {name, nullptr}, .arguments = arguments, .need = Need::kDetails};
}

enum class Place { kEntry, kExit };
inline constexpr Place kPlaces[] = {Place::kEntry, Place::kExit};

bool HasProgram(const Hook& hook, Place place);
/// The name of a hook's program at its entry or exit; empty if the hook has none there.
std::string ProgramName(const Hook& hook, Backend backend, Place place);
/// The programs of a hook, by fexit and by kprobe.
std::vector<std::string> ProgramNames(const Hook& hook);

/// State of a hook.
struct HookState {
  const Hook* hook;
  std::optional<Backend> backend;  // the backend by which it is, or will be, attached
  std::string reason;              // why it is not attached
  std::size_t name = 0;            // index of the function's name in the hook

  [[nodiscard]] const char* function() const { return hook->functions[name]; }
};

/// True if at least one hook that counts events is attached; otherwise the collector is blind.
bool CountsEvents(const std::vector<HookState>& plan);

/// The programs of the plan that lose an event if the kernel skips them. A skipped exit loses none
/// unseen: its entry has left a record behind, which is counted when it is found.
std::set<std::string> EventPrograms(const std::vector<HookState>& plan);

/// State of a hook, for people.
struct ProbeState {
  std::string function;            // or "sys_<call>"
  std::optional<Backend> backend;  // how it is attached
  std::string reason;              // why it is not attached
};
std::vector<ProbeState> ProbesOf(const std::vector<HookState>& plan);

/// The reasons why hooks are not attached, in one line, each reason once.
std::string ReasonsOf(const std::vector<ProbeState>& probes);

/// Why the kernel refused to attach, by function and backend.
using Refusals = std::map<std::pair<std::string, Backend>, std::string>;

/// Chooses for each hook the first of its functions that this kernel has, and the first of
/// `backends` that did not refuse it. If no function of a hook can be traced, the result has it
/// once, with the reason for its first name, unless another hook replaces it. Ignores the syscall
/// backend, which traces no function. Pure: does not access the kernel.
std::vector<HookState> PlanHooks(std::span<const Hook> hooks, const KernelFunctions& functions,
                                 std::span<const Backend> backends, const Refusals& refusals);

}  // namespace netchange
