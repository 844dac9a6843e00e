// SPDX-License-Identifier: Apache-2.0
// The form of a test of events: real commands, then every counter is what was done, and nothing
// else moved.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "daemon.h"
#include "process.h"
#include "scrape.h"

namespace netchange::test {

/// The port of the exporter that all tests share.
inline constexpr int kPort = 10417;

/// The names of all collectors.
const std::vector<std::string>& Collectors();
/// `flags`, and those that switch off every collector but this one: to load what no test asks for
/// takes an emulated guest seconds.
std::vector<std::string> Only(const std::string& collector, std::vector<std::string> flags = {});

/// Starts an exporter that several suites use, and waits for it. It is stopped after the last test.
void StartForAll(int port, const std::vector<std::string>& flags);

/// The one that a collector of the shared exporter has; empty if it sees nothing.
const std::string& BackendOf(const std::string& collector);
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
  /// Whether all that is expected has been counted on this page of the shared exporter.
  [[nodiscard]] bool Reached(const Page& page) const;
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

/// Whether the page comes to hold, within half a minute, what `holds` says.
template <class Condition>
bool Eventually(int port, Page& page, Condition holds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (page = Scrape(port), !holds(page)) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return true;
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
