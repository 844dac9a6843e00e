// SPDX-License-Identifier: Apache-2.0
// The XDP programs of network devices, from RTM_GETLINK and bpf(2).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "bpf/abi/xdp.h"
#include "util/result.h"

struct nlmsghdr;

namespace netchange {

/// A device and its XDP programs.
struct XdpLink {
  std::uint32_t ifindex = 0;
  std::uint32_t master = 0;  // ifindex of the upper device, 0: none
  std::string name;          // any bytes
  /// Ids of its programs, 0 for none: generic, native, offload (enum xdp_mode_id minus one).
  std::array<std::uint32_t, 3> programs{};
  bool from_upper = false;  // the native program is that of the upper device
};

/// Parses one RTM_NEWLINK message. Missing attributes keep the values of XdpLink{}.
XdpLink ParseXdpLink(nlmsghdr* message);

/// Sets the native program of ports. A device with ports that accepts XDP programs, such as a bond,
/// passes its native program to each port, which RTM_GETLINK does not report.
void PassToPorts(std::vector<XdpLink>& links);

/// All devices of the calling thread's namespace, with PassToPorts().
Result<std::vector<XdpLink>> ReadXdpLinks();

/// The program with this id. Name and tag need CAP_SYS_ADMIN, and are otherwise empty.
xdp_program ReadXdpProgram(std::uint32_t id);

}  // namespace netchange
