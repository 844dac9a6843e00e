// SPDX-License-Identifier: Apache-2.0
// Writes to network settings by a process of their own, and the counters to expect.
#pragma once

#include <optional>
#include <string>

#include "event_test.h"

namespace netchange::test {

/// Base of the tests of configuration writes.
class ConfigWriteTest : public EventTest {
 protected:
  /// A setting as in the labels, and its writer. The setting determines the kind.
  struct Setting {
    std::string setting, device = "";
    std::string comm = "writer";
    std::string netns = "", queue = "", irq = "";
  };

  void ExpectWrites(const Setting& s, double writes, double changes);
  void ExpectRefused(const Setting& s, int error, double times = 1);
  /// The number on the page, if there is one.
  static std::optional<double> ValueOf(const Setting& s);

 private:
  static Labels LabelsOf(const Setting& s, const std::string& error = "");
};

/// One write by a new process "writer". Returns 0 or the errno.
int WriteAsWriter(const std::string& path, const std::string& text);

/// The same by a process without CAP_NET_ADMIN.
int WriteWithoutNetAdmin(const std::string& path, const std::string& text);

}  // namespace netchange::test
