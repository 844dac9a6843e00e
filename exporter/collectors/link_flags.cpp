// SPDX-License-Identifier: Apache-2.0
#include "collectors/link_flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/if.h>

#include <vector>

#include "collectors/tables.h"

namespace netchange {
namespace {

constexpr NumberName kFlags[] = {
    {IFF_UP, "UP"},
    {IFF_BROADCAST, "BROADCAST"},
    {IFF_DEBUG, "DEBUG"},
    {IFF_LOOPBACK, "LOOPBACK"},
    {IFF_POINTOPOINT, "POINTOPOINT"},
    {IFF_NOTRAILERS, "NOTRAILERS"},
    {IFF_RUNNING, "RUNNING"},
    {IFF_NOARP, "NOARP"},
    {IFF_PROMISC, "PROMISC"},
    {IFF_ALLMULTI, "ALLMULTI"},
    {IFF_MASTER, "MASTER"},
    {IFF_SLAVE, "SLAVE"},
    {IFF_MULTICAST, "MULTICAST"},
    {IFF_PORTSEL, "PORTSEL"},
    {IFF_AUTOMEDIA, "AUTOMEDIA"},
    {IFF_DYNAMIC, "DYNAMIC"},
    {IFF_LOWER_UP, "LOWER_UP"},
    {IFF_DORMANT, "DORMANT"},
    {IFF_ECHO, "ECHO"},
};

}  // namespace

std::string LinkFlagsText(std::uint32_t flags) {
  std::vector<std::string> names;
  for (const auto& [flag, name] : kFlags) {
    if (flags & flag) names.emplace_back(name);
    flags &= ~flag;
  }
  if (flags || names.empty()) names.push_back(flags ? fmt::format("{:#x}", flags) : "0");
  return fmt::format("{}", fmt::join(names, ","));
}

}  // namespace netchange
