// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace netchange {

/// Device and namespace of an event, as in labels.
struct EventDevice {
  std::string device;
  std::string netns;
};

/// An event as text. All texts are printable.
struct EventDescription {
  /// "ETHTOOL_GMODULEEEPROM -m", "xdp attach native", "net.ipv4.conf.*.rp_filter"
  std::string what;
  /// "0 → 1", "none → pass#12"; may be empty.
  std::string change;
  /// The same as names and values, for programs.
  std::vector<std::pair<std::string, std::string>> fields;
  /// The kernel's message to the caller; may be empty.
  std::string message = {};
};

}  // namespace netchange
