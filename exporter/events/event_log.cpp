// SPDX-License-Identifier: Apache-2.0
#include "events/event_log.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace netchange {

// Whoever has more than their part loses their oldest.
void EventLog::Add(Change change) {
  const std::lock_guard lock(mutex_);
  unprivileged_ += change.unprivileged;
  changes_.push_front(std::move(change));
  if (unprivileged_ > capacity_ / 4)
    Drop([](const Change& one) { return one.unprivileged; });
  else if (changes_.size() > capacity_)
    Drop([](const Change&) { return true; });
}

template <class Which>
void EventLog::Drop(Which which) {
  const auto oldest = std::find_if(changes_.rbegin(), changes_.rend(), which);
  unprivileged_ -= oldest->unprivileged;
  changes_.erase(std::next(oldest).base());
}

std::vector<Change> EventLog::Newest(std::size_t most) const {
  const std::lock_guard lock(mutex_);
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, changes_.size()));
  return {changes_.begin(), changes_.begin() + count};
}

}  // namespace netchange
