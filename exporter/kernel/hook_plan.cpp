// SPDX-License-Identifier: Apache-2.0
#include "kernel/hook_plan.h"

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
    state.reason += (state.reason.empty() ? "" : "; ") + refusal->second;
  }
  return state;
}

}  // namespace

std::string_view NameOf(Backend backend) { return backend == Backend::kFexit ? "fexit" : "kprobe"; }

std::vector<HookState> PlanHooks(std::span<const Hook> hooks, const KernelFunctions& functions,
                                 std::span<const Backend> backends, const Refusals& refusals) {
  std::vector<HookState> plan;
  std::set<std::string> planned;
  for (const Hook& hook : hooks) {
    if (!planned.insert(hook.function).second) continue;
    const std::string function = hook.function;
    const std::optional<int> arguments = functions.Arguments(function);
    if (!arguments) {
      plan.push_back({&hook, std::nullopt,
                      "this kernel has no function " + function + " (not built in, or inlined)"});
      continue;
    }
    const Hook* fitting = Fitting(hooks, function, *arguments);
    if (!fitting) {
      plan.push_back({&hook, std::nullopt,
                      function + " has " + std::to_string(*arguments) +
                          " arguments on this kernel, which is not known here"});
      continue;
    }
    plan.push_back(Choose(*fitting, backends, refusals));
  }
  return plan;
}

}  // namespace netchange
