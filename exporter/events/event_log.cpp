// SPDX-License-Identifier: Apache-2.0
#include "events/event_log.h"

#include <utility>

namespace netchange {

void EventLog::Add(Change change) {
  const std::lock_guard lock(mutex_);
  changes_.push_front(std::move(change));
  if (changes_.size() > capacity_) changes_.pop_back();
}

std::vector<Change> EventLog::Newest(std::size_t most) const {
  const std::lock_guard lock(mutex_);
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, changes_.size()));
  return {changes_.begin(), changes_.begin() + count};
}

}  // namespace netchange
