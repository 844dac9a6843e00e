// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace netchange {

/// Device and namespace of an event, as in labels.
struct EventDevice {
  std::string device;
  std::string netns;
};

using FieldValue = std::variant<std::string, std::int64_t, bool>;

/// An event as text. All texts are printable.
struct EventDescription {
  /// "ETHTOOL_GMODULEEEPROM -m", "xdp attach native", "net.ipv4.conf.*.rp_filter"
  std::string what;
  /// "0 → 1", "none → pass#12"; may be empty.
  std::string change;
  /// The same as names and values, for programs. An empty text is no value.
  std::vector<std::pair<std::string, FieldValue>> fields;
  /// The kernel's message to the caller; may be empty.
  std::string message = {};
  /// What the event means, in words; may be empty.
  std::string words = {};
};

}  // namespace netchange
