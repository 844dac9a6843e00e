// SPDX-License-Identifier: Apache-2.0
// Names of ethtool commands, and the options of ethtool(8) that send them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace netchange {

/// Names of a command number. The strings are static and never null.
struct EthtoolCommand {
  std::uint32_t number;   ///< of linux/ethtool.h (ioctl) or linux/ethtool_netlink.h (netlink)
  std::string_view name;  ///< the UAPI name, "ETHTOOL_GMODULEEEPROM"
  std::string_view
      option;  ///< the option that a person would name, "-m", "--show-eee"; "" for none
  std::string_view options;  ///< all options that send it: "-g,-G"; "" for none
  std::string_view access;   ///< "get", "set" or "act"
};

/// Every command of the ioctl SIOCETHTOOL, sorted by number.
std::span<const EthtoolCommand> EthtoolIoctlCommands();

/// Every message from user to kernel of the generic netlink family "ethtool", sorted by number.
std::span<const EthtoolCommand> EthtoolNetlinkCommands();

/// The ioctl command with this number; nullptr if the table does not have it. Thread-safe.
const EthtoolCommand* FindEthtoolIoctl(std::uint32_t number);

/// The same for a netlink message.
const EthtoolCommand* FindEthtoolNetlink(std::uint32_t number);

}  // namespace netchange
