// SPDX-License-Identifier: Apache-2.0
// Entries of the map `ethtool_commands`, as a host with many series has them.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "bpf/abi/ethtool.h"
#include "collectors/ethtool_names.h"
#include "kernel/map_reader.h"
#include "util/text.h"

namespace netchange::test {

/// `count` entries with different labels, of namespace `netns`: 40 commands of 10 programs, on as
/// many devices as it takes. Each makes two series.
inline Entries<ethtool_key, ethtool_counters> EthtoolEntries(std::size_t count,
                                                             std::uint32_t netns) {
  constexpr std::size_t kCommands = 40;
  constexpr std::array<const char*, 10> kPrograms = {
      "ethtool", "telegraf", "node_exporter", "NetworkManager", "systemd-network",
      "zabbix",  "collectd", "lldpd",         "systemd-udevd",  "snmpd"};
  const auto commands = EthtoolIoctlCommands();
  Entries<ethtool_key, ethtool_counters> entries;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string program = kPrograms[i / kCommands % kPrograms.size()];
    ethtool_key key{};
    key.device.netns = netns;
    CopyText("eth" + std::to_string(i / kCommands / kPrograms.size()), key.device.name);
    CopyText(program, key.actor.comm);
    CopyText("systemd", key.actor.parent_comm);
    CopyText(program + ".service", key.actor.unit);
    key.command = commands[i % kCommands].number;
    key.transport = ETHTOOL_TRANSPORT_IOCTL;
    entries.push_back({key, {{i % 1000 + 1, 1'000'000'007 * (i + 1) + 123'456}, {}}});
  }
  return entries;
}

}  // namespace netchange::test
