// SPDX-License-Identifier: Apache-2.0
// Events that change nothing: one of each kind, in a network namespace of their own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/family_set.h"
#include "util/fd.h"
#include "util/result.h"

namespace netchange {

/// One event, and the counter that has to have counted it once.
struct HarmlessEvent {
  std::string_view collector;
  std::string_view what;  ///< for people: "ETHTOOL_GDRVINFO by ioctl"
  std::string_view family;
  LabelValues labels;  ///< besides `comm` and `netns`
};

/// All of them, in the order in which they are made.
std::span<const HarmlessEvent> HarmlessEvents();

/// A process `netchange_check` that makes them. It ends with this object or with this process,
/// whichever is first, and its namespace with it; the namespace has no name. Not thread-safe.
class EventMaker {
 public:
  /// Starts the process, which waits. Call before the process has threads.
  static Result<EventMaker> Start();
  EventMaker(EventMaker&& other) noexcept;
  EventMaker(const EventMaker&) = delete;
  EventMaker& operator=(const EventMaker&) = delete;
  EventMaker& operator=(EventMaker&&) = delete;
  ~EventMaker();

  /// Makes the events of HarmlessEvents() for which `wanted` is true. Call once. The result has for
  /// each of all events why it could not be made; empty if it was, or was not wanted.
  std::vector<std::string> Make(const std::vector<bool>& wanted);
  /// Label `netns` of these events. Valid after Make().
  [[nodiscard]] std::string Netns() const;

 private:
  EventMaker(pid_t pid, Fd socket) : pid_(pid), socket_(std::move(socket)) {}

  pid_t pid_;  // 0: moved from
  Fd socket_;
};

}  // namespace netchange
