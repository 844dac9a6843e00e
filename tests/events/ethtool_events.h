// SPDX-License-Identifier: Apache-2.0
// Base of the tests of ethtool commands.
#pragma once

#include <string>

#include "event_test.h"

namespace netchange::test {

inline constexpr char kCommands[] = "netchange_ethtool_commands_total";
inline constexpr char kErrors[] = "netchange_ethtool_command_errors_total";

struct Command {
  std::string command, option, access, transport;
};

inline const Command kGetDriverInfo = {"ETHTOOL_GDRVINFO", "-i", "get", "ioctl"};
inline const Command kGetLink = {"ETHTOOL_GLINK", "", "get", "ioctl"};
inline const Command kGetRings = {"ETHTOOL_MSG_RINGS_GET", "-g", "get", "netlink"};
inline const Command kSetChannels = {"ETHTOOL_MSG_CHANNELS_SET", "-L", "set", "netlink"};

class Ethtool : public EventTest {
 protected:
  // The process. By default the executed program, whose parent is this one.
  struct From {
    std::string device;
    std::string netns = "";
    std::string comm = "ethtool";
    std::string parent = "event_tests";
  };

  static Labels LabelsOf(const From& from, const Command& c, const std::string& error = "") {
    return {{"device", from.device},      {"netns", from.netns},      {"comm", from.comm},
            {"parent_comm", from.parent}, {"command", c.command},     {"option", c.option},
            {"access", c.access},         {"transport", c.transport}, {"errno", error}};
  }

  void ExpectCommand(const From& from, const Command& c, const std::string& error = "",
                     double times = 1) {
    Expect(kCommands, LabelsOf(from, c), times);
    if (!error.empty()) Expect(kErrors, LabelsOf(from, c, error), times);
  }

  VethPair pair_{"nct0", "nct1"};
};

}  // namespace netchange::test
