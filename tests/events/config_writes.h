// SPDX-License-Identifier: Apache-2.0
// Writes to network settings, as files or otherwise: made by a process of their own, then expected
// of the counters.
#pragma once

#include <optional>
#include <string>

#include "event_test.h"

namespace netchange::test {

/// A test of writes to settings of whatever kind.
class ConfigWriteTest : public EventTest {
 protected:
  /// A setting as the labels have it, and who writes it. The kind follows from the setting.
  struct Setting {
    std::string setting, device = "";
    std::string comm = "writer";
    std::string netns = "", queue = "", irq = "";
  };

  void ExpectWrites(const Setting& s, double writes, double changes);
  void ExpectRefused(const Setting& s, int error, double times = 1);
  /// The value of a number on the page.
  static std::optional<double> ValueOf(const Setting& s);

 private:
  static Labels LabelsOf(const Setting& s, const std::string& error = "");
};

/// One write by a process "writer" of its own; 0 or the errno.
int WriteAsWriter(const std::string& path, const std::string& text);

/// The same without the right to configure the network.
int WriteWithoutNetAdmin(const std::string& path, const std::string& text);

}  // namespace netchange::test
