// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace netchange {

/// True if the kernel is preemptible: it preempts tasks inside kernel code. With the fexit backend
/// such a task may be inside a program, and the kernel then skips that program for other tasks on
/// the same CPU; kprobe programs are not preempted.
///
/// `mode`: sched/preempt in debugfs, "none voluntary (full) lazy"; empty if it cannot be read: then
/// `version` decides, and a kernel whose mode is chosen at boot counts as preemptible.
///
/// `version`: as in uname(2), "#1 SMP PREEMPT_DYNAMIC Debian …".
bool Preempts(const std::string& mode, const std::string& version);

/// The same for this kernel. Mounts debugfs for this process alone if it is not mounted.
bool KernelPreempts();

}  // namespace netchange
