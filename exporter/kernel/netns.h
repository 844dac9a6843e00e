// SPDX-License-Identifier: Apache-2.0
// Lists network namespaces and runs work inside one of them. Nothing here keeps a namespace alive
// beyond the call: an open socket or file descriptor would keep its devices.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "kernel/mounts.h"
#include "util/result.h"

namespace netchange {

/// Inode and low half of the cookie, as in device_ref.
using NetnsId = std::pair<std::uint32_t, std::uint32_t>;

struct LiveNetns {
  std::uint32_t inode;  // as in device_ref (bpf/abi/device.h)
  std::string path;     // could be opened when it was listed
};

/// Lists each namespace once, the one of this process first: namespaces of processes
/// (/proc/*/ns/net), and mounted ones, as `ip netns` and container runtimes make them
/// (/proc/self/mountinfo). A namespace is not found if only a file descriptor, a single thread, or
/// a program that the kernel itself started keeps it. Costs a readlink() for each process that is
/// no kernel thread. `proc` is for tests.
std::vector<LiveNetns> ListNetns(const std::string& proc = "/proc");

/// True if the namespaces of other processes can be read: this needs CAP_SYS_PTRACE if they have
/// capabilities that this process lacks. Otherwise a namespace that is not listed may exist.
bool MayReadNetns(const std::string& proc = "/proc");

/// The namespaces that are mounted, with the places.
std::vector<LiveNetns> MountedNetns(const std::vector<Mount>& mounts);

/// True if its path still leads to it.
bool IsAlive(const LiveNetns& netns);

/// Runs `work` inside the namespace, and waits for it: on this thread if it is in that namespace,
/// else on a new one. Needs CAP_SYS_ADMIN, except for the namespace of this thread. On
/// an error the namespace was deleted or may not be entered, and `work` was not called. `work` must
/// not throw.
Status RunInNetns(const LiveNetns& netns, const std::function<void()>& work);

}  // namespace netchange
