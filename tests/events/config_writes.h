// SPDX-License-Identifier: Apache-2.0
// Writes to files that are network settings: made by a process of their own, then expected of the
// counters and found among the events of `watch`.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "event_test.h"

namespace netchange::test {

/// `watch --output=json` with one collector.
class Watcher {
 public:
  /// Runs `poke` until it is seen: the program tells nothing else when it is ready.
  Watcher(const std::string& collector, const std::function<void()>& poke);

  /// The events that a process made, once there are as many; waits 5 seconds at most.
  std::vector<nlohmann::json> EventsOf(pid_t pid, std::size_t count);

 private:
  Child child_;
};

class ConfigWriteTest : public EventTest {
 protected:
  /// Of one setting, as its labels have them.
  struct Setting {
    std::string kind, setting;
    std::string device = "", netns = "", queue = "", irq = "";
    std::string comm = "writer";
  };

  void ExpectWrites(const Setting& s, double writes, double changes);
  void ExpectRefused(const Setting& s, int error, double times = 1);
  /// Whether the setting has a value on the page, and which.
  static std::vector<double> ValuesOf(const Setting& s);
};

/// One write by a process "writer" of its own; 0 or the errno.
int WriteAsWriter(const std::string& path, const std::string& text);

/// The same without the right to configure the network.
int WriteWithoutNetAdmin(const std::string& path, const std::string& text);

}  // namespace netchange::test
