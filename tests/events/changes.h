// SPDX-License-Identifier: Apache-2.0
// Events of the shared exporter, read from its page /changes.
#pragma once

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace netchange::test {

/// The events of a process, oldest first. Waits at most 5 seconds for `count` events.
std::vector<nlohmann::json> EventsOf(pid_t pid, std::size_t count);

/// The newest `count` events of a setting, newest first. Waits at most 5 seconds for that many.
std::vector<nlohmann::json> NewestEventsOf(const std::string& setting, std::size_t count);

}  // namespace netchange::test
