// SPDX-License-Identifier: Apache-2.0
// An event as text, for people and programs.
#pragma once

#include <cstdint>
#include <string>

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
  std::uint32_t uid = 0;
  std::string exe;     // empty for a kernel thread
  std::string result;  // "ok", or an errno's name
  EventDescription description;
};

Change DescribeEvent(const event& e, const RenderContext& context);

/// The path that the kernel side stored by component. It begins with "…/" if the beginning is
/// missing.
std::string ExePath(const exe_path& exe);

}  // namespace netchange
