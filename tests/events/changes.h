// SPDX-License-Identifier: Apache-2.0
// Events of the shared exporter, read from its page /changes.
#pragma once

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace netchange::test {

/// The events of a process in this test, oldest first. Waits at most 5 seconds for `count` events.
std::vector<nlohmann::json> EventsOf(pid_t pid, std::size_t count);

/// The events of a setting in this test, newest first. Waits at most 5 seconds for `count` events.
std::vector<nlohmann::json> EventsOfSetting(const std::string& setting, std::size_t count);

}  // namespace netchange::test
