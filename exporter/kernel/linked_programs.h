// SPDX-License-Identifier: Apache-2.0
// Programs that a dispatcher calls. libxdp attaches one XDP program, the dispatcher, and links the
// others into it: each replaces one of its functions (freplace).
#pragma once

#include <cstdint>
#include <vector>

#include "bpf/abi/xdp.h"

namespace netchange {

/// A program that replaces a function of another one.
struct LinkedProgram {
  std::uint32_t target;  // id of the other program
  xdp_program program;
};

/// All of the machine, from bpf(2), which takes a few system calls for each link of the machine.
/// Empty without CAP_SYS_ADMIN, and before Linux 5.13, which does not report the target.
std::vector<LinkedProgram> ReadLinkedPrograms();

}  // namespace netchange
