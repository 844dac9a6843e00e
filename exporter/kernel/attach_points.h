// SPDX-License-Identifier: Apache-2.0
// Attach points of the syscall backend: tracepoints, whose ids are in tracefs, and the root of the
// cgroup hierarchy, which every sysctl write passes.
#pragma once

#include <string>

#include "kernel/bpf_link.h"
#include "util/fd.h"
#include "util/result.h"

struct bpf_program;

namespace netchange {

/// The directory of tracefs. Where it is not mounted, a mount that only the descriptor knows: no
/// process sees it in its list, and it ends with the descriptor. The error says what to do.
Result<Fd> OpenTracefs();

/// The root of the cgroup v2 hierarchy, wherever it is mounted; else as above. Not the root of a
/// cgroup namespace, below which only some processes are.
Result<Fd> OpenCgroupRoot();

/// The directory of debugfs, the same way; none if there is none, or not for this user.
Fd OpenDebugfs();

/// `event`: "syscalls/sys_enter_ioctl".
Result<BpfLink> AttachTracepoint(const bpf_program* program, const std::string& event);

Result<BpfLink> AttachToRootCgroup(const bpf_program* program);

}  // namespace netchange
