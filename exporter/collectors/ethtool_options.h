// SPDX-License-Identifier: Apache-2.0
// What the options of ethtool(8) do, in words.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace netchange {

struct EthtoolOption {
  std::string_view option;  ///< as in EthtoolCommand: "-m", "--show-eee"
  std::string_view name;    ///< the long name of a short option: "--module-info"; else ""
  std::string_view words;   ///< "read the transceiver's EEPROM"
};

/// Every option that sends a command, sorted.
std::span<const EthtoolOption> EthtoolOptions();

/// The words for a list of options, as EthtoolCommand::options has it: "-g, --show-ring: …; -G,
/// --set-ring: …". An option that is not in the table stands for itself.
std::string DescribeOptions(std::string_view options);

}  // namespace netchange
