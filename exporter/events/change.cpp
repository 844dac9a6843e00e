// SPDX-License-Identifier: Apache-2.0
#include "events/change.h"

#include <algorithm>
#include <string_view>

#include "collectors/collector.h"
#include "collectors/tables.h"
#include "util/text.h"

namespace netchange {

std::string ExePath(const exe_path& exe) {
  if (exe.length == 0) return "";
  std::string path;
  std::string_view rest(exe.parts, std::min<std::size_t>(exe.length, sizeof(exe.parts)));
  while (!rest.empty()) {
    const auto name = rest.substr(0, rest.find('\0'));
    path = "/" + PrintableText(name) + path;
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
  }
  return (exe.incomplete ? "…" : "") + path;
}

Change DescribeEvent(const event& e, const RenderContext& context) {
  Change change;
  change.time_ns = context.clock.UnixNanoseconds(e.time_ns);
  change.duration_ns = e.duration_ns;
  change.pid = e.pid;
  change.process = PrintableText(e.actor.comm);
  change.parent_pid = e.parent_pid;
  change.parent = PrintableText(e.actor.parent_comm);
  change.uid = e.uid;
  change.exe = ExePath(e.exe);
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
