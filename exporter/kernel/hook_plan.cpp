// SPDX-License-Identifier: Apache-2.0
#include "kernel/hook_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace netchange {
namespace {

// Among the hooks on the same function, the hook that fits the kernel's number of arguments.
const Hook* Fitting(std::span<const Hook> hooks, const Hook& one, int arguments) {
  for (const Hook& hook : hooks) {
    if (std::string_view(hook.functions[0]) == one.functions[0] && hook.arguments == arguments)
      return &hook;
  }
  return nullptr;
}

HookState Choose(const Hook& hook, std::size_t name, std::span<const Backend> backends,
                 const Refusals& refusals) {
  HookState state{&hook, std::nullopt, "", name};
  for (const Backend backend : backends) {
    const auto refusal = refusals.find({hook.functions[name], backend});
    if (refusal == refusals.end()) {
      state.backend = backend;
      return state;
    }
    if (state.reason.find(refusal->second) != std::string::npos)
      continue;  // the reason applies to all backends
    state.reason += (state.reason.empty() ? "" : "; ") + refusal->second;
  }
  return state;
}

// Plans one name of a function, for which the table may have several argument lists.
HookState PlanName(const Hook& hook, std::size_t name, std::span<const Hook> hooks,
                   const KernelFunctions& functions, std::span<const Backend> backends,
                   const Refusals& refusals) {
  const std::string function = hook.functions[name];
  const std::optional<int> arguments = functions.Arguments(function);
  if (!arguments) {
    return {
        &hook, std::nullopt,
        "this kernel has no function " + function + " (not built in, or inlined by the compiler)",
        name};
  }
  if (const Hook* fitting = Fitting(hooks, hook, *arguments))
    return Choose(*fitting, name, backends, refusals);
  return {&hook, std::nullopt,
          function + " has " + std::to_string(*arguments) +
              " arguments on this kernel, which the exporter does not support",
          name};
}

// The first name that can be traced; if there is none, the state of the first name.
HookState PlanFunction(const Hook& hook, std::span<const Hook> hooks,
                       const KernelFunctions& functions, std::span<const Backend> backends,
                       const Refusals& refusals) {
  HookState first = PlanName(hook, 0, hooks, functions, backends, refusals);
  for (std::size_t name = 1; name < hook.functions.size() && hook.functions[name]; ++name) {
    if (first.backend) break;
    HookState state = PlanName(hook, name, hooks, functions, backends, refusals);
    if (state.backend) return state;
  }
  return first;
}

}  // namespace

std::string_view NameOf(Backend backend) {
  switch (backend) {
    case Backend::kFexit: return "fexit";
    case Backend::kKprobe: return "kprobe";
    case Backend::kSyscall: return "syscall";
  }
  return "";
}

bool HasProgram(const Hook& hook, Place place) {
  return hook.ends != (place == Place::kEntry ? Ends::kExit : Ends::kEntry);
}

std::string ProgramName(const Hook& hook, Backend backend, Place place) {
  if (!HasProgram(hook, place)) return "";
  const bool entry = place == Place::kEntry;
  const std::string name = hook.name;
  switch (backend) {
    case Backend::kFexit: return name + (entry ? "_fentry" : "_fexit");
    case Backend::kKprobe: return name + (entry ? "_kprobe" : "_kretprobe");
    case Backend::kSyscall: break;  // traces no function
  }
  return "";
}

std::vector<std::string> ProgramNames(const Hook& hook) {
  std::vector<std::string> names;
  for (const Backend backend : {Backend::kFexit, Backend::kKprobe}) {
    for (const Place place : kPlaces) {
      if (HasProgram(hook, place)) names.push_back(ProgramName(hook, backend, place));
    }
  }
  return names;
}

std::set<std::string> EventPrograms(const std::vector<HookState>& plan) {
  std::set<std::string> programs;
  for (const HookState& state : plan) {
    if (!state.backend || state.hook->need == Need::kDetails) continue;
    const Place place = state.hook->ends == Ends::kExit ? Place::kExit : Place::kEntry;
    programs.insert(ProgramName(*state.hook, *state.backend, place));
  }
  return programs;
}

bool CountsEvents(const std::vector<HookState>& plan) {
  return std::any_of(plan.begin(), plan.end(),
                     [](const HookState& h) { return h.backend && h.hook->need == Need::kEvents; });
}

std::vector<ProbeState> ProbesOf(const std::vector<HookState>& plan) {
  std::vector<ProbeState> probes;
  probes.reserve(plan.size());
  for (const HookState& state : plan)
    probes.push_back({state.function(), state.backend, state.reason});
  return probes;
}

std::string ReasonsOf(const std::vector<ProbeState>& probes) {
  std::vector<std::string> reasons;
  for (const ProbeState& probe : probes) {
    if (probe.backend || std::count(reasons.begin(), reasons.end(), probe.reason)) continue;
    reasons.push_back(probe.reason);
  }
  return fmt::format("{}", fmt::join(reasons, "; "));
}

std::vector<HookState> PlanHooks(std::span<const Hook> hooks, const KernelFunctions& functions,
                                 std::span<const Backend> backends, const Refusals& refusals) {
  std::vector<Backend> tracing(backends.begin(), backends.end());
  std::erase(tracing, Backend::kSyscall);
  if (tracing.empty()) return {};
  std::vector<HookState> plan;
  std::set<std::string_view> planned;
  for (const Hook& hook : hooks) {
    if (!planned.insert(hook.functions[0]).second) continue;
    const auto better = std::find_if(plan.begin(), plan.end(), [&](const HookState& state) {
      return hook.unless && std::string_view(state.hook->name) == hook.unless;
    });
    if (better != plan.end() && better->backend) continue;
    HookState state = PlanFunction(hook, hooks, functions, tracing, refusals);
    if (better == plan.end()) {
      plan.push_back(std::move(state));
    } else if (state.backend) {
      *better = std::move(state);  // if neither can be traced, the reason of the better one stays
    }
  }
  return plan;
}

}  // namespace netchange
