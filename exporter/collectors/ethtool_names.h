// SPDX-License-Identifier: Apache-2.0
// Names of ethtool commands, and the options of ethtool(8) that send them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace netchange {

/// Names of a command number. The strings are static and never null.
struct EthtoolCommand {
  std::uint32_t number;     ///< of linux/ethtool.h (ioctl) or linux/ethtool_netlink.h (netlink)
  std::string_view name;    ///< the UAPI name, "ETHTOOL_GMODULEEEPROM"
  std::string_view option;  ///< what sends it: "-m", "-g,-G", "--show-eee"; "" for none
  std::string_view access;  ///< "get", "set" or "act"
};

/// Every command of the ioctl SIOCETHTOOL, sorted by number.
std::span<const EthtoolCommand> EthtoolIoctlCommands();

/// Every message from user to kernel of the generic netlink family "ethtool", sorted by number.
std::span<const EthtoolCommand> EthtoolNetlinkCommands();

/// The command of the ioctl with this number; nullptr for one that the table does not know.
/// Thread-safe.
const EthtoolCommand* FindEthtoolIoctl(std::uint32_t number);

/// The same of a netlink message.
const EthtoolCommand* FindEthtoolNetlink(std::uint32_t number);

}  // namespace netchange
