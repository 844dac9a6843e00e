// SPDX-License-Identifier: Apache-2.0
// Hooks on kernel functions: their programs are in one object.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "kernel/bpf_object.h"
#include "kernel/hook_plan.h"
#include "kernel/object_file.h"
#include "util/result.h"

namespace netchange {

/// Backends that this kernel refuses whatever the program, with the reason.
using RefusedBackends = std::map<Backend, std::string>;
RefusedBackends BackendsWithoutHope();

/// A collector that traces functions.
struct FunctionUser {
  ObjectOptions options;
  std::span<const Hook> hooks;
};

/// What became of a user.
struct FunctionPart {
  std::vector<ProbeState> probes;  // of its hooks, in the order of their table
  Result<BpfObject> object;        // an error, with the reasons, if no hook that counts is attached
};

/// What all users are loaded from.
struct FunctionSource {
  const ObjectSource& object;
  const KernelFunctions& functions;
  const RefusedBackends& refused;  // are not tried
  std::span<const ObjectMap>
      maps;  // all that collectors have named; only those of users are created
};

/// Loads one object for all users, and attaches as many of their hooks as this kernel takes, trying
/// the backends that trace functions in their order for each. If the kernel refuses something, each
/// user gets an object of its own, without what is refused. The results are in the order of the
/// users.
std::vector<FunctionPart> LoadFunctions(const FunctionSource& source,
                                        std::span<const FunctionUser> users);

}  // namespace netchange
