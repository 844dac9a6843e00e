// SPDX-License-Identifier: Apache-2.0
// The form of a test of events: real commands, then every counter is what was done, and nothing
// else moved.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "process.h"
#include "scrape.h"

namespace netchange::test {

/// The exporter under test, on a port of 127.0.0.1. Flags are added to those that every test has.
/// The backend is that of the environment variable NETCHANGE_BACKEND, or `auto`.
class Daemon {
 public:
  explicit Daemon(int port, const std::vector<std::string>& flags = {});
  /// Whether it answers; waits for it at most a minute.
  bool WaitUntilReady();
  [[nodiscard]] int port() const { return port_; }
  Child& process() { return child_; }

 private:
  int port_;
  Child child_;
};

/// `flags`, and those that switch off every collector but this one: to load what nobody asks takes
/// an emulated guest seconds.
std::vector<std::string> Only(const std::string& collector, std::vector<std::string> flags = {});

/// Path of a file that lies in the test program's directory.
std::string BesideTheTests(const std::string& file);
/// Path of the exporter: beside the tests, or NETCHANGE_DAEMON.
std::string DaemonPath();
/// As asked for: NETCHANGE_BACKEND, or `auto`.
std::string Backend();
/// The one that a collector of the shared exporter has; empty if it sees nothing.
std::string BackendOf(const std::string& collector);
/// In SetUp() or in a test. The reason is in the test's output.
#define SKIP_BY_SYSTEM_CALLS(collector, why) \
  if (BackendOf(collector) == "syscall") GTEST_SKIP() << (why)

/// Whether this is a guest of tests/guest, which has all that the tests ask for.
bool InGuest();
/// For what guests must have, and other machines may: only there its lack is a failure.
#define SKIP_WITHOUT(condition, what)                        \
  if (const bool there = (condition); !there && InGuest()) { \
    FAIL() << "the guest has " << (what);                    \
  } else if (!there)                                         \
  GTEST_SKIP() << "this machine has " << (what)
#define SKIP_WITHOUT_DEVICE(device) \
  SKIP_WITHOUT(Execute({"ip", "link", "show", device}).status == 0, std::string("no ") + (device))

/// One exporter serves all tests of the program. Each test makes events and says what they are; at
/// its end the counters of ethtool, XDP and configuration writes must have moved by just that, on
/// each of the exporters that it asks.
class EventTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// `times` more of a counter, and, where the family has one, a newest time between start and end
  /// of the test.
  void Expect(const std::string& family, const Labels& labels, double times = 1);

  struct LinkWrites {
    double writes = 1, changes = 1;
    std::string comm = "ip", parent_comm = "event_tests";
  };
  /// Writes to a device's setting that a test does on its way to something else: expected where
  /// the collector `link` sees them.
  void ExpectLink(const std::string& setting, const std::string& device, const LinkWrites& writes);
  /// One by ip(8), of another value.
  void ExpectLink(const std::string& setting, const std::string& device) {
    ExpectLink(setting, device, {});
  }

  static int port();
  /// Those whose counters are compared.
  [[nodiscard]] virtual std::vector<int> Ports() const { return {port()}; }

 private:
  void VerifyCounters(const Page& before, const Page& after) const;
  void VerifyTimes(const Page& after, double end) const;

  std::map<int, Page> before_;  // by port
  double start_ = 0;
  std::map<std::string, double> expected_;    // counters
  std::map<std::string, std::string> times_;  // gauge of the newest time, by counter
};

/// Whether the page comes to hold, within some scrapes, what `holds` says.
template <class Condition>
bool Eventually(int port, Page& page, Condition holds) {
  for (int i = 0; i < 100; ++i) {
    page = Scrape(port);
    if (holds(page)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  return false;
}

/// A veth pair, removed at the end.
class VethPair {
 public:
  VethPair(std::string name, std::string peer);
  ~VethPair();

 private:
  std::string name_;
};

}  // namespace netchange::test
