// SPDX-License-Identifier: Apache-2.0
// Base of the event tests: a test runs real commands; every counter must then have risen by exactly
// the expected number, and no other counter may have changed.
#pragma once

#include <gtest/gtest.h>
#include <net/if.h>

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "daemon.h"
#include "process.h"
#include "scrape.h"
#include "veth.h"

namespace netchange::test {

/// Port of the exporter that all tests share.
inline constexpr int kPort = 10417;

/// Process of the exporter that all tests share.
pid_t ExporterPid();

/// Names of all collectors, as the shared exporter reports them.
const std::vector<std::string>& Collectors();
/// `flags`, and flags that switch off all other collectors. In an emulated guest, each collector
/// takes one or two seconds to load.
std::vector<std::string> Only(const std::set<std::string>& collectors,
                              std::vector<std::string> flags = {});

/// Starts an exporter for several suites, and waits until it is ready. It stops after the last
/// test.
void StartForAll(int port, const std::vector<std::string>& flags);

/// Backend of a collector in the shared exporter; empty if the collector is blind.
const std::string& BackendOf(const std::string& collector);
/// Skips a test, in SetUp() or in its body. The reason is in the test's output.
#define SKIP_BY_SYSTEM_CALLS(collector, why) \
  if (BackendOf(collector) == "syscall") GTEST_SKIP() << (why)

/// True in a guest of tests/guest, which has everything that the tests need.
bool InGuest();
/// Skips a test on a machine that lacks something. A guest has to have it: there the test fails.
#define SKIP_WITHOUT(condition, what)                        \
  if (const bool there = (condition); !there && InGuest()) { \
    FAIL() << "the guest has " << (what);                    \
  } else if (!there)                                         \
  GTEST_SKIP() << "this machine has " << (what)
#define SKIP_WITHOUT_DEVICE(device) \
  SKIP_WITHOUT(if_nametoindex(device) != 0, std::string("no ") + (device))

/// One exporter serves all tests of the program. Each test makes events and lists them with
/// Expect(). At its end the event counters of each exporter must have increased by exactly that.
class EventTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// The counter increases by `times`. If the family has a timestamp, it lies within the test.
  void Expect(const std::string& family, const Labels& labels, double times = 1);

  struct LinkWrites {
    double writes = 1, changes = 1;
    std::string comm = "ip", parent_comm = "event_tests";
  };
  /// Writes to a setting of a link that a test about something else makes.
  void ExpectLink(const std::string& setting, const std::string& device, const LinkWrites& writes);
  /// One write by ip(8) that changes the value.
  void ExpectLink(const std::string& setting, const std::string& device) {
    ExpectLink(setting, device, {});
  }

  static int port();
  /// True if this page of the shared exporter has all expected counts.
  [[nodiscard]] bool Reached(const Page& page) const;
  /// Ports of the exporters whose counters are compared.
  [[nodiscard]] virtual std::vector<int> Ports() const { return {port()}; }

 private:
  void VerifyCounters(const Page& before, const Page& after) const;
  void VerifyTimes(const Page& after, double end) const;

  std::map<int, Page> before_;  // by port
  double start_ = 0;
  std::map<std::string, double> expected_;    // counters
  std::map<std::string, std::string> times_;  // gauge with the newest time, by counter
};

/// Scrapes until `holds` is true for the page; false after two minutes, because an emulated guest
/// may be slow.
template <class Condition>
bool Eventually(int port, Page& page, Condition holds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (page = Scrape(port), !holds(page)) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return true;
}

/// One process of ip(8) or tc(8) with several commands.
void RunBatch(const std::string& program, const std::vector<std::string>& commands);

}  // namespace netchange::test
