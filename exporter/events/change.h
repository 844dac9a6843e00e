// SPDX-License-Identifier: Apache-2.0
// An event as text, for people and programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bpf/abi/event.h"
#include "collectors/event_description.h"
#include "metrics/render_context.h"

namespace netchange {

/// All strings are printable: they contain no bytes that a terminal interprets.
struct Change {
  std::int64_t time_ns = 0;  // nanoseconds since 1970; the end of the operation
  std::uint64_t duration_ns = 0;
  std::string collector;
  std::string device;
  std::string netns;
  std::uint32_t pid = 0;
  std::string process;
  std::uint32_t parent_pid = 0;
  std::string parent;
  std::string unit;       // as the label
  std::string cgroup;     // path in the hierarchy of systemd; empty in its root
  std::string container;  // the id, 64 hexadecimal digits; empty outside a container
  std::uint32_t uid = 0;
  std::optional<std::uint32_t>
      loginuid;        // who logged in; empty: nobody, or the kernel has no audit
  std::string exe;     // empty for a kernel thread
  std::string result;  // "ok", or an errno's name
  EventDescription description;
  bool unprivileged = false;  // as in struct actor
};

Change DescribeEvent(const event& e, const RenderContext& context);

/// A path that the kernel side stored by component. It begins with "…/" if the beginning is
/// missing.
std::string PathText(const path_parts& path);

/// The id of the outermost container in a cgroup's path; empty if there is none.
std::string ContainerId(std::string_view cgroup);

}  // namespace netchange
