// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace netchange {

/// An event in words. All texts are printable.
struct EventDescription {
  std::string what;  // "ETHTOOL_GMODULEEEPROM -m", "xdp attach native", "net.ipv4.conf.*.rp_filter"
  std::string change;  // "0 → 1", "none → pass#12"; may be empty
  std::vector<std::pair<std::string, std::string>> fields;  // the same one by one, for programs
  std::string message = {};  // the kernel's message to the caller; may be empty
};

}  // namespace netchange
