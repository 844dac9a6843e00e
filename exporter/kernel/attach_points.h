// SPDX-License-Identifier: Apache-2.0
// Attach points of the syscall backend: tracepoints, whose ids are in tracefs, and the root of the
// cgroup hierarchy, which every sysctl write passes.
#pragma once

#include "util/fd.h"
#include "util/result.h"

namespace netchange {

/// The directory of tracefs. If it is not mounted, mounts it without a mount point: no other
/// process sees the mount, and it ends with the descriptor. The error says what to do.
Result<Fd> OpenTracefs();

/// The root of the cgroup v2 hierarchy, wherever it is mounted; otherwise mounted as above. Fails
/// inside a cgroup namespace, whose root has only some processes.
Result<Fd> OpenCgroupRoot();

/// The directory of debugfs, in the same way; empty if the kernel has none, or this user may not
/// read it.
Fd OpenDebugfs();

}  // namespace netchange
