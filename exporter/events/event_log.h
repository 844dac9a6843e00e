// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "events/change.h"

namespace netchange {

/// The newest changes, for the pages. Thread-safe. Bounded: drops the oldest. Unprivileged actors
/// have a quarter of it, so that they cannot push out the changes of others.
class EventLog {
 public:
  explicit EventLog(std::size_t capacity = 1000) : capacity_(capacity) {}
  void Add(Change change);
  /// At most `most` changes, newest first.
  [[nodiscard]] std::vector<Change> Newest(std::size_t most) const;

 private:
  template <class Which>
  void Drop(Which which);

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::deque<Change> changes_;    // newest first
  std::size_t unprivileged_ = 0;  // of the changes
};

}  // namespace netchange
