// SPDX-License-Identifier: Apache-2.0
#include "util/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

namespace netchange {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Restores this thread's signals after the test.
class Signals : public testing::Test {
 protected:
  void SetUp() override {
    pthread_sigmask(SIG_BLOCK, nullptr, &before_);
    BlockSignals();
  }
  void TearDown() override {
    while (WaitForEnd(milliseconds(1))) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t before_{};
};

TEST_F(Signals, AreWaitedForNoLongerThanAsked) {
  const auto start = steady_clock::now();
  EXPECT_FALSE(WaitForEnd(milliseconds(50)));
  EXPECT_GE(steady_clock::now() - start, milliseconds(50));
  EXPECT_LT(steady_clock::now() - start, milliseconds(1000));
}

TEST_F(Signals, EndTheWait) {
  for (const int signal : {SIGTERM, SIGINT}) {
    kill(getpid(), signal);
    EXPECT_TRUE(WaitForEnd(milliseconds(5000))) << signal;
    EXPECT_FALSE(WaitForEnd(milliseconds(1))) << "taken once";
  }
}

TEST_F(Signals, AreNotEndedByAHangUp) {
  kill(getpid(), SIGHUP);
  EXPECT_FALSE(WaitForEnd(milliseconds(20)));
}

TEST_F(Signals, EndTheWaitOnRequestOfAnotherThread) {
  std::thread other(RequestEnd);
  EXPECT_TRUE(WaitForEnd(milliseconds(5000)));
  other.join();
}

}  // namespace
}  // namespace netchange
