// SPDX-License-Identifier: Apache-2.0
#include "kernel/hook_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace netchange {
namespace {

// Of several hooks on one function, the one whose arguments this kernel has.
const Hook* Fitting(std::span<const Hook> hooks, const std::string& function, int arguments) {
  for (const Hook& hook : hooks) {
    if (hook.function == function && hook.arguments == arguments) return &hook;
  }
  return nullptr;
}

HookState Choose(const Hook& hook, std::span<const Backend> backends, const Refusals& refusals) {
  HookState state{&hook, std::nullopt, ""};
  for (const Backend backend : backends) {
    const auto refusal = refusals.find({hook.name, backend});
    if (refusal == refusals.end()) {
      state.backend = backend;
      return state;
    }
    if (state.reason.find(refusal->second) != std::string::npos) continue;  // of all backends
    state.reason += (state.reason.empty() ? "" : "; ") + refusal->second;
  }
  return state;
}

// How the function of `hook`, of which the table may have several argument lists, is observed.
HookState PlanFunction(const Hook& hook, std::span<const Hook> hooks,
                       const KernelFunctions& functions, std::span<const Backend> backends,
                       const Refusals& refusals) {
  const std::string function = hook.function;
  const std::optional<int> arguments = functions.Arguments(function);
  if (!arguments) {
    return {
        &hook, std::nullopt,
        "this kernel has no function " + function + " (not built in, or inlined by the compiler)"};
  }
  if (const Hook* fitting = Fitting(hooks, function, *arguments))
    return Choose(*fitting, backends, refusals);
  return {&hook, std::nullopt,
          function + " has " + std::to_string(*arguments) +
              " arguments on this kernel, which the exporter does not support"};
}

// Whether it is the hook of a function, or one in its place.
bool Observes(const HookState& state, const std::string& function) {
  return state.hook->function == function ||
         (state.hook->instead_of && state.hook->instead_of == function);
}

// The functions among `hooks`. `backends` are ways to look at a function.
std::vector<HookState> PlanFunctions(std::span<const Hook> hooks, const KernelFunctions& functions,
                                     std::span<const Backend> backends, const Refusals& refusals) {
  std::vector<HookState> plan;
  std::set<std::string> planned;
  for (const Hook& hook : hooks) {
    if (hook.target != Target::kFunction) continue;
    if (!planned.insert(hook.function).second) continue;
    const auto first = std::find_if(plan.begin(), plan.end(), [&](const HookState& state) {
      return hook.instead_of && Observes(state, hook.instead_of);
    });
    if (first != plan.end() && first->backend) continue;
    HookState state = PlanFunction(hook, hooks, functions, backends, refusals);
    if (first == plan.end()) {
      plan.push_back(std::move(state));
    } else if (state.backend) {
      *first = std::move(state);  // none of the two: the first one's reason stays
    }
  }
  return plan;
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

std::string ProgramName(const Hook& hook, Backend backend, Place place) {
  const bool entry = place == Place::kEntry;
  const std::string name = hook.name;
  switch (backend) {
    case Backend::kFexit: return name + (entry ? "_fentry" : "_fexit");
    case Backend::kKprobe: return name + (entry ? "_kprobe" : "_kretprobe");
    case Backend::kSyscall: break;
  }
  if (entry) return name + "_enter";
  return hook.target == Target::kSystemCall ? "sys_exit" : "";
}

bool SeesEvents(const std::vector<HookState>& plan) {
  return std::any_of(plan.begin(), plan.end(),
                     [](const HookState& h) { return h.backend && h.hook->need == Need::kEvents; });
}

std::string ReasonsOf(const std::vector<HookState>& plan) {
  std::vector<std::string> reasons;
  for (const HookState& state : plan) {
    if (state.backend || std::count(reasons.begin(), reasons.end(), state.reason)) continue;
    reasons.push_back(state.reason);
  }
  return fmt::format("{}", fmt::join(reasons, "; "));
}

std::vector<HookState> PlanHooks(std::span<const Hook> hooks, const KernelFunctions& functions,
                                 std::span<const Backend> backends, const Refusals& refusals) {
  std::vector<Backend> tracing(backends.begin(), backends.end());
  const bool system_calls = std::erase(tracing, Backend::kSyscall) != 0;
  std::vector<HookState> plan;
  if (!tracing.empty()) plan = PlanFunctions(hooks, functions, tracing, refusals);
  if (!system_calls || SeesEvents(plan)) return plan;
  constexpr Backend kSystemCalls[] = {Backend::kSyscall};
  for (const Hook& hook : hooks) {
    if (hook.target != Target::kFunction) plan.push_back(Choose(hook, kSystemCalls, refusals));
  }
  return plan;
}

}  // namespace netchange
