// SPDX-License-Identifier: Apache-2.0
#include "collectors/link_flags.h"

#include <fmt/format.h>
#include <linux/if.h>

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
  std::string text;
  const auto add = [&](const std::string& name) { text += (text.empty() ? "" : ",") + name; };
  for (const auto& [flag, name] : kFlags) {
    if (flags & flag) add(name);
    flags &= ~flag;
  }
  if (flags || text.empty()) add(flags ? fmt::format("{:#x}", flags) : "0");
  return text;
}

}  // namespace netchange
