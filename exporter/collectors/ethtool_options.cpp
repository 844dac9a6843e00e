// SPDX-License-Identifier: Apache-2.0
#include "collectors/ethtool_options.h"

#include <algorithm>
#include <iterator>

namespace netchange {
namespace {

// clang-format off
constexpr EthtoolOption kOptions[] = {
    {"--cable-test", "", "test the cable"},
    {"--cable-test-tdr", "", "measure the cable by reflection (TDR)"},
    {"--flash-module-firmware", "", "write firmware to the transceiver"},
    {"--get-hwtimestamp-cfg", "", "show how packets get hardware time stamps"},
    {"--get-phy-tunable", "", "show a tunable of the PHY"},
    {"--get-plca-cfg", "", "show the settings of PLCA"},
    {"--get-plca-status", "", "show whether PLCA works"},
    {"--get-tunable", "", "show a tunable of the device"},
    {"--monitor", "", "wait for notifications"},
    {"--phy-statistics", "", "show the PHY's statistics"},
    {"--reset", "", "reset parts of the device"},
    {"--set-eee", "", "set Energy-Efficient Ethernet"},
    {"--set-fec", "", "set forward error correction"},
    {"--set-hwtimestamp-cfg", "", "set how packets get hardware time stamps"},
    {"--set-mm", "", "set the MAC Merge layer (frame preemption)"},
    {"--set-module", "", "set the transceiver's power mode"},
    {"--set-phy-tunable", "", "set a tunable of the PHY"},
    {"--set-plca-cfg", "", "set PLCA"},
    {"--set-priv-flags", "", "set the driver's private flags"},
    {"--set-pse", "", "set power over Ethernet"},
    {"--set-tunable", "", "set a tunable of the device"},
    {"--show-eee", "", "show Energy-Efficient Ethernet"},
    {"--show-fec", "", "show forward error correction"},
    {"--show-mm", "", "show the MAC Merge layer (frame preemption)"},
    {"--show-module", "", "show the transceiver's power mode"},
    {"--show-mse", "", "show the quality of the link's signal (MSE)"},
    {"--show-phys", "", "show the device's PHYs"},
    {"--show-priv-flags", "", "show the driver's private flags"},
    {"--show-pse", "", "show power over Ethernet"},
    {"--show-tunnels", "", "show tunnels that the device offloads"},
    {"-A", "--pause", "set flow control"},
    {"-C", "--coalesce", "set interrupt coalescing"},
    {"-E", "--change-eeprom", "write to the device's EEPROM"},
    {"-G", "--set-ring", "set the sizes of the rings"},
    {"-K", "--features", "set offloads and other features"},
    {"-L", "--set-channels", "set the number of queues"},
    {"-N", "--config-nfc", "set how received flows are distributed"},
    {"-P", "--show-permaddr", "show the permanent address"},
    {"-Q", "--per-queue", "apply a command to single queues"},
    {"-S", "--statistics", "show the driver's statistics"},
    {"-T", "--show-time-stamping", "show the time stamps that the device supports"},
    {"-W", "--set-dump", "set the flag of the firmware dump"},
    {"-X", "--rxfh", "set the hash key and the table of receive queues (RSS)"},
    {"-a", "--show-pause", "show flow control"},
    {"-c", "--show-coalesce", "show interrupt coalescing"},
    {"-d", "--register-dump", "read the device's registers"},
    {"-e", "--eeprom-dump", "read the device's EEPROM"},
    {"-f", "--flash", "write firmware to the device"},
    {"-g", "--show-ring", "show the sizes of the rings"},
    {"-i", "--driver", "show driver and firmware version"},
    {"-k", "--show-features", "show offloads and other features"},
    {"-l", "--show-channels", "show the number of queues"},
    {"-m", "--module-info", "read the transceiver's EEPROM"},
    {"-n", "--show-nfc", "show how received flows are distributed"},
    {"-p", "--identify", "blink the port's light"},
    {"-r", "--negotiate", "restart autonegotiation: the link goes down"},
    {"-s", "--change", "set speed, duplex, Wake-on-LAN and the like"},
    {"-t", "--test", "run the device's self-test"},
    {"-w", "--get-dump", "read the firmware dump"},
    {"-x", "--show-rxfh", "show the hash key and the table of receive queues (RSS)"},
};
// clang-format on

std::string Describe(std::string_view option) {
  const auto* const known = std::lower_bound(
      std::begin(kOptions), std::end(kOptions), option,
      [](const EthtoolOption& o, std::string_view name) { return o.option < name; });
  std::string text(option);
  if (known == std::end(kOptions) || known->option != option) return text;
  if (!known->name.empty()) text.append(", ").append(known->name);
  return text.append(": ").append(known->words);
}

}  // namespace

std::span<const EthtoolOption> EthtoolOptions() { return kOptions; }

std::string DescribeOptions(std::string_view options) {
  std::string text;
  while (!options.empty()) {
    const auto comma = options.find(',');
    text += (text.empty() ? "" : "; ") + Describe(options.substr(0, comma));
    options.remove_prefix(comma == options.npos ? options.size() : comma + 1);
  }
  return text;
}

}  // namespace netchange
