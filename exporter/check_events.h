// SPDX-License-Identifier: Apache-2.0
// `netchange_exporter check --events`: whether real events were counted, exactly.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harmless_events.h"

namespace netchange {

/// What became of one event. Plain data.
struct CheckedEvent {
  std::string collector, what;
  std::vector<std::string> backends;  // of the collector; empty if it is blind
  std::string failure;                // why the event could not be made; empty if it was
  double counted = 0;                 // has to be 1
};

/// Sum of the samples on a page of metrics that have these labels, the name of the process that
/// makes events, and either this namespace or none.
double CountedOn(std::string_view page, const HarmlessEvent& event, std::string_view netns);

/// As CheckStatus(): 0 if every event was counted once, 1 if only some were, 2 if none was.
int EventStatus(std::span<const CheckedEvent> events);
/// For people; ends with a newline. All texts are made printable.
std::string EventText(std::span<const CheckedEvent> events);
/// A JSON array.
nlohmann::ordered_json EventJson(std::span<const CheckedEvent> events);

}  // namespace netchange
