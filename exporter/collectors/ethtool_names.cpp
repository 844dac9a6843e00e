// SPDX-License-Identifier: Apache-2.0
#include "collectors/ethtool_names.h"

#include <array>
#include <cstddef>

namespace netchange {
namespace {

// Numbers are literals, so that the tables do not depend on the headers of the build machine. They
// are those of Linux 7.2; a unit test compares them with the installed headers.
//
// `option`: the one that a person would name for the command, and never one that sets for a command
// that reads. Empty for what only plain `ethtool DEV` sends, for what only helps other commands
// (sets of strings, numbers of rings), and for what ethtool never sends.
//
// `options`: every option of ethtool 5.0 to 7.0 that sends the command, in the order of their
// letters, lower case first, long ones last:
// - A change often begins with a read: by ioctl, -G sends ETHTOOL_GRINGPARAM, then
//   ETHTOOL_SRINGPARAM.
// - Plain `ethtool DEV` is no option. It sends:
//     ETHTOOL_GLINKSETTINGS, GSET, GWOL, GMSGLVL, GLINK;
//     ETHTOOL_MSG_LINKMODES_GET, LINKINFO_GET, WOL_GET, DEBUG_GET, LINKSTATE_GET, PLCA_GET_CFG,
//     PLCA_GET_STATUS.
// - -Q wraps a command in ETHTOOL_PERQUEUE, and the wrapped command is counted: it has -Q beside
// the
//   -c or -C that follows it on the command line.
// - -u and -U are other spellings of -n and -N. --monitor counts as an option. -P asks over
//   rtnetlink where it can, which is no ethtool command.
// - What is only sent to kernels older than 2.6.34 is missing (ETHTOOL_GDRVINFO by -S, -t and the
//   private flags).
//
// `access`: "act" makes the device do something once and leaves no setting behind. To create or
// delete an RSS context does leave one, so that is "set" in spite of the _ACT in its name; so is a
// write to the EEPROM. ETHTOOL_PERQUEUE alone may read or write: "set", not to hide a change.

// clang-format off
constexpr EthtoolCommand kIoctlCommands[] = {
    {0x01, "ETHTOOL_GSET", "", "-a,-s", "get"},
    {0x02, "ETHTOOL_SSET", "-s", "-s", "set"},
    {0x03, "ETHTOOL_GDRVINFO", "-i", "-d,-e,-E,-i", "get"},
    {0x04, "ETHTOOL_GREGS", "-d", "-d", "get"},
    {0x05, "ETHTOOL_GWOL", "", "-s", "get"},
    {0x06, "ETHTOOL_SWOL", "-s", "-s", "set"},
    {0x07, "ETHTOOL_GMSGLVL", "", "-s", "get"},
    {0x08, "ETHTOOL_SMSGLVL", "-s", "-s", "set"},
    {0x09, "ETHTOOL_NWAY_RST", "-r", "-r", "act"},
    {0x0a, "ETHTOOL_GLINK", "", "", "get"},
    {0x0b, "ETHTOOL_GEEPROM", "-e", "-e", "get"},
    {0x0c, "ETHTOOL_SEEPROM", "-E", "-E", "set"},
    {0x0e, "ETHTOOL_GCOALESCE", "-c", "-c,-C,-Q", "get"},
    {0x0f, "ETHTOOL_SCOALESCE", "-C", "-C,-Q", "set"},
    {0x10, "ETHTOOL_GRINGPARAM", "-g", "-g,-G", "get"},
    {0x11, "ETHTOOL_SRINGPARAM", "-G", "-G", "set"},
    {0x12, "ETHTOOL_GPAUSEPARAM", "-a", "-a,-A", "get"},
    {0x13, "ETHTOOL_SPAUSEPARAM", "-A", "-A", "set"},
    {0x14, "ETHTOOL_GRXCSUM", "-k", "-k,-K", "get"},
    {0x15, "ETHTOOL_SRXCSUM", "-K", "-K", "set"},
    {0x16, "ETHTOOL_GTXCSUM", "-k", "-k,-K", "get"},
    {0x17, "ETHTOOL_STXCSUM", "-K", "-K", "set"},
    {0x18, "ETHTOOL_GSG", "-k", "-k,-K", "get"},
    {0x19, "ETHTOOL_SSG", "-K", "-K", "set"},
    {0x1a, "ETHTOOL_TEST", "-t", "-t", "act"},
    {0x1b, "ETHTOOL_GSTRINGS", "", "-k,-K,-S,-t,-x,-X,--phy-statistics,--set-priv-flags,--show-priv-flags", "get"},
    {0x1c, "ETHTOOL_PHYS_ID", "-p", "-p", "act"},
    {0x1d, "ETHTOOL_GSTATS", "-S", "-S", "get"},
    {0x1e, "ETHTOOL_GTSO", "-k", "-k,-K", "get"},
    {0x1f, "ETHTOOL_STSO", "-K", "-K", "set"},
    {0x20, "ETHTOOL_GPERMADDR", "-P", "-P", "get"},
    {0x21, "ETHTOOL_GUFO", "-k", "-k,-K", "get"},
    {0x22, "ETHTOOL_SUFO", "-K", "-K", "set"},
    {0x23, "ETHTOOL_GGSO", "-k", "-k,-K", "get"},
    {0x24, "ETHTOOL_SGSO", "-K", "-K", "set"},
    {0x25, "ETHTOOL_GFLAGS", "-k", "-k,-K,-N", "get"},
    {0x26, "ETHTOOL_SFLAGS", "-K", "-K", "set"},
    {0x27, "ETHTOOL_GPFLAGS", "--show-priv-flags", "--set-priv-flags,--show-priv-flags", "get"},
    {0x28, "ETHTOOL_SPFLAGS", "--set-priv-flags", "--set-priv-flags", "set"},
    {0x29, "ETHTOOL_GRXFH", "-n", "-n", "get"},
    {0x2a, "ETHTOOL_SRXFH", "-N", "-N", "set"},
    {0x2b, "ETHTOOL_GGRO", "-k", "-k,-K", "get"},
    {0x2c, "ETHTOOL_SGRO", "-K", "-K", "set"},
    {0x2d, "ETHTOOL_GRXRINGS", "", "-n,-x,-X", "get"},
    {0x2e, "ETHTOOL_GRXCLSRLCNT", "-n", "-n,-N", "get"},
    {0x2f, "ETHTOOL_GRXCLSRULE", "-n", "-n", "get"},
    {0x30, "ETHTOOL_GRXCLSRLALL", "-n", "-n,-N", "get"},
    {0x31, "ETHTOOL_SRXCLSRLDEL", "-N", "-N", "set"},
    {0x32, "ETHTOOL_SRXCLSRLINS", "-N", "-N", "set"},
    {0x33, "ETHTOOL_FLASHDEV", "-f", "-f", "act"},
    {0x34, "ETHTOOL_RESET", "--reset", "--reset", "act"},
    {0x35, "ETHTOOL_SRXNTUPLE", "-N", "-N", "set"},
    {0x36, "ETHTOOL_GRXNTUPLE", "", "", "get"},  // removed from the kernel
    {0x37, "ETHTOOL_GSSET_INFO", "", "-k,-K,-S,-t,-x,-X,--phy-statistics,--set-priv-flags,--show-priv-flags", "get"},
    {0x38, "ETHTOOL_GRXFHINDIR", "-x", "-x,-X", "get"},
    {0x39, "ETHTOOL_SRXFHINDIR", "-X", "-X", "set"},
    {0x3a, "ETHTOOL_GFEATURES", "-k", "-k,-K", "get"},
    {0x3b, "ETHTOOL_SFEATURES", "-K", "-K", "set"},
    {0x3c, "ETHTOOL_GCHANNELS", "-l", "-l,-L,-Q", "get"},
    {0x3d, "ETHTOOL_SCHANNELS", "-L", "-L", "set"},
    {0x3e, "ETHTOOL_SET_DUMP", "-W", "-W", "set"},
    {0x3f, "ETHTOOL_GET_DUMP_FLAG", "-w", "-w", "get"},
    {0x40, "ETHTOOL_GET_DUMP_DATA", "-w", "-w", "get"},
    {0x41, "ETHTOOL_GET_TS_INFO", "-T", "-T", "get"},
    {0x42, "ETHTOOL_GMODULEINFO", "-m", "-m", "get"},
    {0x43, "ETHTOOL_GMODULEEEPROM", "-m", "-m", "get"},
    {0x44, "ETHTOOL_GEEE", "--show-eee", "--set-eee,--show-eee", "get"},
    {0x45, "ETHTOOL_SEEE", "--set-eee", "--set-eee", "set"},
    {0x46, "ETHTOOL_GRSSH", "-x", "-x,-X", "get"},
    {0x47, "ETHTOOL_SRSSH", "-X", "-X", "set"},
    {0x48, "ETHTOOL_GTUNABLE", "--get-tunable", "--get-tunable", "get"},
    {0x49, "ETHTOOL_STUNABLE", "--set-tunable", "--set-tunable", "set"},
    {0x4a, "ETHTOOL_GPHYSTATS", "--phy-statistics", "--phy-statistics", "get"},
    {0x4b, "ETHTOOL_PERQUEUE", "-Q", "-Q", "set"},
    {0x4c, "ETHTOOL_GLINKSETTINGS", "", "-s", "get"},
    {0x4d, "ETHTOOL_SLINKSETTINGS", "-s", "-s", "set"},
    {0x4e, "ETHTOOL_PHY_GTUNABLE", "--get-phy-tunable", "--get-phy-tunable", "get"},
    {0x4f, "ETHTOOL_PHY_STUNABLE", "--set-phy-tunable", "--set-phy-tunable", "set"},
    {0x50, "ETHTOOL_GFECPARAM", "--show-fec", "--show-fec", "get"},
    {0x51, "ETHTOOL_SFECPARAM", "--set-fec", "--set-fec", "set"},
};

constexpr EthtoolCommand kNetlinkCommands[] = {
    {1, "ETHTOOL_MSG_STRSET_GET", "", "-k,-K,-S,-x,--monitor,--set-hwtimestamp-cfg,--show-fec,--show-tunnels", "get"},
    {2, "ETHTOOL_MSG_LINKINFO_GET", "", "", "get"},
    {3, "ETHTOOL_MSG_LINKINFO_SET", "-s", "-s", "set"},
    {4, "ETHTOOL_MSG_LINKMODES_GET", "", "-a,-s", "get"},
    {5, "ETHTOOL_MSG_LINKMODES_SET", "-s", "-s", "set"},
    {6, "ETHTOOL_MSG_LINKSTATE_GET", "", "", "get"},
    {7, "ETHTOOL_MSG_DEBUG_GET", "", "", "get"},
    {8, "ETHTOOL_MSG_DEBUG_SET", "-s", "-s", "set"},
    {9, "ETHTOOL_MSG_WOL_GET", "", "", "get"},
    {10, "ETHTOOL_MSG_WOL_SET", "-s", "-s", "set"},
    {11, "ETHTOOL_MSG_FEATURES_GET", "-k", "-k", "get"},
    {12, "ETHTOOL_MSG_FEATURES_SET", "-K", "-K", "set"},
    {13, "ETHTOOL_MSG_PRIVFLAGS_GET", "--show-priv-flags", "--show-priv-flags", "get"},
    {14, "ETHTOOL_MSG_PRIVFLAGS_SET", "--set-priv-flags", "--set-priv-flags", "set"},
    {15, "ETHTOOL_MSG_RINGS_GET", "-g", "-g", "get"},
    {16, "ETHTOOL_MSG_RINGS_SET", "-G", "-G", "set"},
    {17, "ETHTOOL_MSG_CHANNELS_GET", "-l", "-l,-x", "get"},
    {18, "ETHTOOL_MSG_CHANNELS_SET", "-L", "-L", "set"},
    {19, "ETHTOOL_MSG_COALESCE_GET", "-c", "-c", "get"},
    {20, "ETHTOOL_MSG_COALESCE_SET", "-C", "-C", "set"},
    {21, "ETHTOOL_MSG_PAUSE_GET", "-a", "-a", "get"},
    {22, "ETHTOOL_MSG_PAUSE_SET", "-A", "-A", "set"},
    {23, "ETHTOOL_MSG_EEE_GET", "--show-eee", "--show-eee", "get"},
    {24, "ETHTOOL_MSG_EEE_SET", "--set-eee", "--set-eee", "set"},
    {25, "ETHTOOL_MSG_TSINFO_GET", "-T", "-T", "get"},
    {26, "ETHTOOL_MSG_CABLE_TEST_ACT", "--cable-test", "--cable-test", "act"},
    {27, "ETHTOOL_MSG_CABLE_TEST_TDR_ACT", "--cable-test-tdr", "--cable-test-tdr", "act"},
    {28, "ETHTOOL_MSG_TUNNEL_INFO_GET", "--show-tunnels", "--show-tunnels", "get"},
    {29, "ETHTOOL_MSG_FEC_GET", "--show-fec", "--show-fec", "get"},
    {30, "ETHTOOL_MSG_FEC_SET", "--set-fec", "--set-fec", "set"},
    {31, "ETHTOOL_MSG_MODULE_EEPROM_GET", "-m", "-m", "get"},
    {32, "ETHTOOL_MSG_STATS_GET", "-S", "-S", "get"},
    {33, "ETHTOOL_MSG_PHC_VCLOCKS_GET", "", "", "get"},  // PTP programs
    {34, "ETHTOOL_MSG_MODULE_GET", "--show-module", "--show-module", "get"},
    {35, "ETHTOOL_MSG_MODULE_SET", "--set-module", "--set-module", "set"},
    {36, "ETHTOOL_MSG_PSE_GET", "--show-pse", "--show-pse", "get"},
    {37, "ETHTOOL_MSG_PSE_SET", "--set-pse", "--set-pse", "set"},
    {38, "ETHTOOL_MSG_RSS_GET", "-x", "-x", "get"},
    {39, "ETHTOOL_MSG_PLCA_GET_CFG", "--get-plca-cfg", "--get-plca-cfg", "get"},
    {40, "ETHTOOL_MSG_PLCA_SET_CFG", "--set-plca-cfg", "--set-plca-cfg", "set"},
    {41, "ETHTOOL_MSG_PLCA_GET_STATUS", "--get-plca-status", "--get-plca-status", "get"},
    {42, "ETHTOOL_MSG_MM_GET", "--show-mm", "--show-mm", "get"},
    {43, "ETHTOOL_MSG_MM_SET", "--set-mm", "--set-mm", "set"},
    {44, "ETHTOOL_MSG_MODULE_FW_FLASH_ACT", "--flash-module-firmware", "--flash-module-firmware", "act"},
    {45, "ETHTOOL_MSG_PHY_GET", "--show-phys", "--show-phys", "get"},
    {46, "ETHTOOL_MSG_TSCONFIG_GET", "--get-hwtimestamp-cfg", "--get-hwtimestamp-cfg", "get"},
    {47, "ETHTOOL_MSG_TSCONFIG_SET", "--set-hwtimestamp-cfg", "--set-hwtimestamp-cfg", "set"},
    {48, "ETHTOOL_MSG_RSS_SET", "", "", "set"},  // ethtool -X uses the ioctl
    {49, "ETHTOOL_MSG_RSS_CREATE_ACT", "", "", "set"},
    {50, "ETHTOOL_MSG_RSS_DELETE_ACT", "", "", "set"},
    {51, "ETHTOOL_MSG_MSE_GET", "--show-mse", "--show-mse", "get"},
};
// clang-format on

// For each number below 256, the place of its command in the table, plus 1; 0 for none.
using Places = std::array<std::uint8_t, 256>;

constexpr Places PlacesOf(std::span<const EthtoolCommand> commands) {
  Places places{};
  for (std::size_t i = 0; i < commands.size(); ++i)
    places.at(commands[i].number) = static_cast<std::uint8_t>(i + 1);
  return places;
}

constexpr Places kIoctlPlaces = PlacesOf(kIoctlCommands);
constexpr Places kNetlinkPlaces = PlacesOf(kNetlinkCommands);

const EthtoolCommand* Find(std::span<const EthtoolCommand> commands, const Places& places,
                           std::uint32_t number) {
  const std::size_t place = number < places.size() ? places[number] : 0;
  return place ? &commands[place - 1] : nullptr;
}

}  // namespace

std::span<const EthtoolCommand> EthtoolIoctlCommands() { return kIoctlCommands; }

std::span<const EthtoolCommand> EthtoolNetlinkCommands() { return kNetlinkCommands; }

const EthtoolCommand* FindEthtoolIoctl(std::uint32_t number) {
  return Find(kIoctlCommands, kIoctlPlaces, number);
}

const EthtoolCommand* FindEthtoolNetlink(std::uint32_t number) {
  return Find(kNetlinkCommands, kNetlinkPlaces, number);
}

}  // namespace netchange
