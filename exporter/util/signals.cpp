// SPDX-License-Identifier: Apache-2.0
#include "util/signals.h"

#include <unistd.h>

#include <csignal>

namespace netchange {
namespace {

sigset_t Set(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

}  // namespace

void BlockSignals() {
  const sigset_t set = Set({SIGINT, SIGTERM, SIGHUP, SIGPIPE});
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

bool WaitForEnd(std::chrono::milliseconds most) {
  const sigset_t set = Set({SIGINT, SIGTERM, SIGHUP});
  const auto until = std::chrono::steady_clock::now() + most;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(
        until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    const timespec timeout{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
    const int signal = sigtimedwait(&set, nullptr, &timeout);
    if (signal == SIGINT || signal == SIGTERM) return true;
  }
}

void RequestEnd() { kill(getpid(), SIGTERM); }

}  // namespace netchange
