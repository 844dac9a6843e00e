// SPDX-License-Identifier: Apache-2.0
#include "events/change.h"

#include <algorithm>
#include <string_view>

#include "collectors/collector.h"
#include "collectors/tables.h"
#include "util/text.h"

namespace netchange {

std::string PathText(const path_parts& parts) {
  if (parts.length == 0) return "";
  std::string path;
  std::string_view rest(parts.parts, std::min<std::size_t>(parts.length, sizeof(parts.parts)));
  while (!rest.empty()) {
    const auto name = rest.substr(0, rest.find('\0'));
    path = "/" + PrintableText(name) + path;
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
  }
  return (parts.incomplete ? "…" : "") + path;
}

std::string ContainerId(std::string_view cgroup) {
  constexpr std::size_t kIdSize = 64;
  constexpr std::string_view kScope = ".scope";
  while (!cgroup.empty()) {
    cgroup.remove_prefix(1);  // the slash
    std::string_view name = cgroup.substr(0, cgroup.find('/'));
    cgroup.remove_prefix(name.size());
    if (name.ends_with(kScope)) name.remove_suffix(kScope.size());
    if (name.size() < kIdSize) continue;
    name.remove_prefix(name.size() - kIdSize);
    if (name.find_first_not_of("0123456789abcdef") == std::string_view::npos)
      return std::string(name);
  }
  return "";
}

Change DescribeEvent(const event& e, const RenderContext& context) {
  Change change;
  change.time_ns = context.clock.UnixNanoseconds(e.time_ns);
  change.duration_ns = e.duration_ns;
  change.pid = e.pid;
  change.process = PrintableText(e.actor.comm);
  change.parent_pid = e.parent_pid;
  change.parent = PrintableText(e.actor.parent_comm);
  change.unit = PrintableText(e.actor.unit);
  change.cgroup = PathText(e.cgroup);
  if (change.unit == "container") change.container = ContainerId(change.cgroup);
  change.uid = e.uid;
  change.unprivileged = e.actor.unprivileged != 0;
  if (e.loginuid != NO_LOGINUID) change.loginuid = e.loginuid;
  change.exe = PathText(e.exe);
  change.result = e.error ? ErrnoName(e.error) : "ok";
  if (e.collector >= AllCollectors().size()) return change;  // written by another version
  const CollectorSpec& spec = *AllCollectors()[e.collector];
  const auto [device, netns] = spec.device(e, context);
  change.device = device;
  change.netns = netns;
  change.collector = spec.name;
  change.description = spec.describe(e);
  return change;
}

}  // namespace netchange
