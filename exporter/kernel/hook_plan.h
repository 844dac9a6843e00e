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

/// Where a hook has programs.
enum class Ends { kBoth, kEntry, kExit };

/// One kernel function. Its programs are `<name>_fentry` and `<name>_kprobe` at its entry,
/// `<name>_fexit` and `<name>_kretprobe` at its exit (bpf/lib/hook.bpf.h). A table has a hook for
/// each list of arguments that a function has had over the versions.
struct Hook {
  const char* name;
  /// Names of the function over the versions, the newest first; the first that can be traced is.
  std::array<const char*, 2> functions;
  int arguments = 0;
  Need need = Need::kEvents;
  Ends ends = Ends::kBoth;
  /// A hook that makes this one superfluous where it is attached.
  const char* unless = nullptr;

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

enum class Place { kEntry, kExit };
inline constexpr Place kPlaces[] = {Place::kEntry, Place::kExit};

bool HasProgram(const Hook& hook, Place place);
/// The name of a hook's program at its entry or exit; empty if the hook has none there.
std::string ProgramName(const Hook& hook, Backend backend, Place place);
/// The programs of a hook, by fexit and by kprobe.
std::vector<std::string> ProgramNames(const Hook& hook);

/// What became of a hook.
struct HookState {
  const Hook* hook;
  std::optional<Backend> backend;  // how it is, or is to be, attached
  std::string reason;              // why it is not
  std::size_t name = 0;            // which of the hook's functions

  [[nodiscard]] const char* function() const { return hook->functions[name]; }
};

/// Whether any of them does: else the collector is blind.
bool SeesEvents(const std::vector<HookState>& plan);

/// What became of a hook, for people.
struct ProbeState {
  std::string function;            // or "sys_<call>"
  std::optional<Backend> backend;  // how it is attached
  std::string reason;              // why it is not
};
std::vector<ProbeState> ProbesOf(const std::vector<HookState>& plan);

/// Why hooks are not attached, in one line, each reason once.
std::string ReasonsOf(const std::vector<ProbeState>& probes);

/// Why a way to attach was refused, by function and backend.
using Refusals = std::map<std::pair<std::string, Backend>, std::string>;

/// Chooses for each hook the first of its functions that this kernel has, and the first of
/// `backends` that did not refuse it. A hook of which no function can be traced is in the result
/// once, with the reason of the first, unless another one is attached in its place. The syscall
/// backend is passed over: it traces no function. Pure: it asks the kernel nothing.
std::vector<HookState> PlanHooks(std::span<const Hook> hooks, const KernelFunctions& functions,
                                 std::span<const Backend> backends, const Refusals& refusals);

}  // namespace netchange
