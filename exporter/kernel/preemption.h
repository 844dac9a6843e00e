// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace netchange {

/// Whether the kernel takes the processor from a task that is inside kernel code. By the backend
/// fexit such a task may be inside a program, and this program is then skipped for all others on
/// that processor; kprobe programs cannot be interrupted so.
/// `mode`: sched/preempt in debugfs, "none voluntary (full) lazy"; empty if it cannot be read.
/// `version`: as in uname(2), "#1 SMP PREEMPT_DYNAMIC Debian …". Where the mode was chosen at boot
/// and cannot be read, it may be any: then true.
bool Preempts(const std::string& mode, const std::string& version);

/// The same of this kernel. Mounts debugfs for this process alone where it is not mounted.
bool KernelPreempts();

}  // namespace netchange
