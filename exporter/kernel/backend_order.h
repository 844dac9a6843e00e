// SPDX-License-Identifier: Apache-2.0
// What a preemptible kernel means for the choice of a backend.
#pragma once

#include <string>
#include <vector>

#include "kernel/hook_plan.h"

namespace netchange {

/// `backends`, with kprobe before fexit where both are among them and the kernel preempts.
std::vector<Backend> InOrderFor(std::vector<Backend> backends, bool preempts);

/// What people should know of it; empty for nothing. `backends`: as they were asked for.
std::string OrderNote(const std::vector<Backend>& backends, bool preempts);

}  // namespace netchange
