// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace netchange {

/// PID of the parent of all kernel threads (kernel/kthread.c).
inline constexpr int kKthreadd = 2;

/// True if /proc belongs to the initial pid namespace, and not to that of a container.
bool ProcShowsAllTasks(const std::string& proc = "/proc");

/// `task` as in bpf_get_current_pid_tgid(): thread group id in the upper half, thread id in the
/// lower half, in the initial pid namespace.
bool TaskExists(std::uint64_t task);

}  // namespace netchange
