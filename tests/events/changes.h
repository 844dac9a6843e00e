// SPDX-License-Identifier: Apache-2.0
// What the shared exporter says of each event, on its page /changes.
#pragma once

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace netchange::test {

/// The events that a process made, the oldest first, once there are `count`; waits 5 seconds at
/// most.
std::vector<nlohmann::json> EventsOf(pid_t pid, std::size_t count);

/// The newest `count` events of a setting, the newest first, once there are as many; waits 5
/// seconds at most.
std::vector<nlohmann::json> NewestEventsOf(const std::string& setting, std::size_t count);

}  // namespace netchange::test
