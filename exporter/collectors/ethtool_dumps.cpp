// SPDX-License-Identifier: Apache-2.0
#include "collectors/ethtool_dumps.h"

namespace netchange {
namespace {

// Commands by number, as in collectors/ethtool_names.cpp.
constexpr int kTsinfoGet = 25, kPseGet = 36, kRssGet = 38, kPlcaGetCfg = 39, kPlcaGetStatus = 41,
              kPhyGet = 45;

constexpr struct {
  const char* function;
  int command;
} kDumps[] = {
    {"ethnl_phy_start", kPhyGet},           {"ethnl_rss_dump_start", kRssGet},
    {"ethnl_tsinfo_start", kTsinfoGet},     {"ethnl_perphy_start", kPhyGet},
    {"ethnl_perphy_start", kPseGet},        {"ethnl_perphy_start", kPlcaGetCfg},
    {"ethnl_perphy_start", kPlcaGetStatus},
};

}  // namespace

void AddDumpFunctions(std::set<std::string, std::less<>>& names) {
  for (const auto& dump : kDumps) names.emplace(dump.function);
}

std::uint64_t DeviceDumps(const KernelFunctions& functions) {
  std::uint64_t commands = 0;
  for (const auto& dump : kDumps) {
    if (functions.Arguments(dump.function)) commands |= std::uint64_t{1} << dump.command;
  }
  return commands;
}

}  // namespace netchange
