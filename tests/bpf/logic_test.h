// SPDX-License-Identifier: Apache-2.0
// Base of the tests of BPF logic: a fixture that loads one object of programs.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>

#include "logic.h"

namespace netchange::test {

template <const void* (*bytes)(std::size_t*)>
class LogicTest : public testing::Test {
 protected:
  // Skips the test for a user who may not load programs. For root it fails: then the verifier has
  // refused them.
  void Load(const object_settings& settings, std::uint32_t max_entries = 1024) {
    std::size_t size = 0;
    const void* elf = bytes(&size);
    logic_.emplace(elf, size, settings, max_entries);
    if (logic_->problem().empty()) return;
    if (geteuid() == 0) FAIL() << logic_->problem();
    GTEST_SKIP() << logic_->problem();
  }
  std::optional<Logic> logic_;
};

// Without the unit, which depends on where the test runs.
inline constexpr object_settings kAllLabels = [] {
  object_settings settings{};
  settings.label_comm = 1;
  settings.label_parent_comm = 1;
  return settings;
}();

}  // namespace netchange::test
