// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace netchange {

/// PID of the parent of all kernel threads (kernel/kthread.c).
inline constexpr int kKthreadd = 2;

/// Whether /proc is that of the initial pid namespace: not that of a container with one of its own.
bool ProcShowsAllTasks();

/// `task` as bpf_get_current_pid_tgid() gives it: thread group in the upper half, thread in the
/// lower, numbers of the initial pid namespace.
bool TaskExists(std::uint64_t task);

}  // namespace netchange
