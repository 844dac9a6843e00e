// SPDX-License-Identifier: Apache-2.0
// Effect of a preemptible kernel on the order of backends.
#pragma once

#include <string>
#include <vector>

#include "kernel/hook_plan.h"

namespace netchange {

/// `backends`, with kprobe before fexit if both are in it and the kernel is preemptible.
std::vector<Backend> InOrderFor(std::vector<Backend> backends, bool preempts);

/// What a user should know about the order; empty if nothing. `backends` as configured.
std::string OrderNote(const std::vector<Backend>& backends, bool preempts);

}  // namespace netchange
