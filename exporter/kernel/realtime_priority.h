// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sched.h>

namespace netchange {

/// While it exists, only real-time tasks preempt the thread that made it. Hold it for
/// milliseconds at most. False if this process may not do so, which needs CAP_SYS_NICE or
/// RLIMIT_RTPRIO; then nothing changes. Not thread-safe.
class RealtimePriority {
 public:
  RealtimePriority() : policy_(sched_getscheduler(0)) {
    const sched_param lowest = {1};
    const int policy = policy_ & ~SCHED_RESET_ON_FORK;
    has_ = policy == SCHED_FIFO || policy == SCHED_RR || policy == SCHED_DEADLINE;
    raised_ = !has_ && sched_setscheduler(0, SCHED_FIFO, &lowest) == 0;
    has_ = has_ || raised_;
  }
  ~RealtimePriority() {
    const sched_param none = {0};
    if (raised_) sched_setscheduler(0, policy_, &none);
  }
  RealtimePriority(const RealtimePriority&) = delete;
  RealtimePriority& operator=(const RealtimePriority&) = delete;

  explicit operator bool() const { return has_; }

 private:
  int policy_;
  bool raised_ = false;
  bool has_ = false;
};

}  // namespace netchange
