// SPDX-License-Identifier: Apache-2.0
// Attaches loaded programs. `program` is a file descriptor, which may be closed afterwards.
#pragma once

#include <cstdint>
#include <string>

#include "kernel/bpf_link.h"
#include "util/fd.h"
#include "util/result.h"

namespace netchange {

/// To the function that the program was loaded for, by fentry or fexit. Returns the descriptor of
/// the link; empty, with errno, if the kernel refuses.
Fd AttachToFunction(int program);

/// The same by a kprobe or, at the exit, by a kretprobe. `address`: 0, or the function's, if
/// several have its name.
Fd AttachKprobe(int program, const std::string& function, bool at_exit, std::uint64_t address = 0);

/// `event`: "module_load".
Result<BpfLink> AttachRawTracepoint(int program, const char* event);

/// `event`: "syscalls/sys_enter_ioctl". `tracefs`: OpenTracefs().
Result<BpfLink> AttachTracepoint(int program, const Fd& tracefs, const std::string& event);

Result<BpfLink> AttachToRootCgroup(int program);

}  // namespace netchange
