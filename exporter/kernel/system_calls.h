// SPDX-License-Identifier: Apache-2.0
// The syscall backend: one BPF object (bpf/syscall/syscall.bpf.c) for all collectors that cannot
// trace kernel functions.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "kernel/bpf_object.h"

namespace netchange {

/// A system call that a collector traces.
struct SyscallHook {
  const char* call = nullptr;  // "ioctl"; null for sysctl writes, by the root cgroup
  Ends ends = Ends::kBoth;
  const char* exit_program = "sys_exit";
  /// The call whose entry program it uses; null: it has one of its own.
  const char* like = nullptr;
};

inline constexpr SyscallHook kSysctlOfRootCgroup{nullptr, Ends::kEntry};

/// The calls that write to a descriptor share the entry program of write().
inline constexpr SyscallHook kPwrite{.call = "pwrite64", .like = "write"};
inline constexpr SyscallHook kWritev{.call = "writev", .like = "write"};
inline constexpr SyscallHook kPwritev{.call = "pwritev", .like = "write"};
inline constexpr SyscallHook kPwritev2{.call = "pwritev2", .like = "write"};
inline constexpr SyscallHook kSendto{.call = "sendto", .like = "write"};
inline constexpr SyscallHook kSendmsg{.call = "sendmsg", .like = "write"};
inline constexpr SyscallHook kSendmmsg{.call = "sendmmsg", .like = "write"};
inline constexpr SyscallHook kSendfile{.call = "sendfile64", .like = "write"};
inline constexpr SyscallHook kSplice{.call = "splice", .like = "write"};

/// "sys_ioctl", "cgroup_sysctl".
std::string ProbeName(const SyscallHook& hook);

/// The programs of a hook.
std::vector<std::string> ProgramNames(const SyscallHook& hook);

/// A collector that traces system calls.
struct SyscallUser {
  ObjectOptions options;
  std::span<const SyscallHook> hooks;
  std::vector<ProbeState> functions;  // why functions are not traced
};

/// Loads one object for all users, and attaches the programs that they need. A user that cannot be
/// loaded together with the others gets its own error, or its own object. `maps`: all maps of
/// collectors in the object; only those of the users are created. The results are in the order of
/// the users.
std::vector<Result<BpfObject>> LoadSystemCalls(const ObjectSource& source,
                                               std::span<const SyscallUser> users,
                                               std::span<const ObjectMap> maps);

}  // namespace netchange
