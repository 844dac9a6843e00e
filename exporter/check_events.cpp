// SPDX-License-Identifier: Apache-2.0
#include "check_events.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "util/text.h"

namespace netchange {
namespace {

// `line`: family{name="value",…} number. The labels of events need no escapes.
bool HasLabel(std::string_view line, std::string_view name, std::string_view value) {
  const std::string label = fmt::format("{}=\"{}\"", name, value);
  const auto at = line.find(label);
  return at != line.npos && at > 0 && (line[at - 1] == '{' || line[at - 1] == ',');
}

bool IsOf(std::string_view line, const HarmlessEvent& event, std::string_view netns) {
  const bool anywhere = line.find("netns=\"") == line.npos;
  return line.starts_with(fmt::format("{}{{", event.family)) &&
         HasLabel(line, "comm", "netchange_check") &&
         (anywhere || HasLabel(line, "netns", netns)) &&
         std::all_of(event.labels.begin(), event.labels.end(),
                     [&](const auto& label) { return HasLabel(line, label.first, label.second); });
}

bool Passed(const CheckedEvent& event) { return event.failure.empty() && event.counted == 1; }

std::string VerdictOf(const CheckedEvent& event) {
  if (!event.failure.empty()) return "NOT MADE: " + PrintableText(event.failure);
  if (event.backends.empty()) return "NOT COUNTED: the collector is blind";
  if (event.counted == 0) return "NOT COUNTED";
  if (event.counted != 1) return fmt::format("COUNTED {} TIMES", event.counted);
  return fmt::format("counted once ({})", fmt::join(event.backends, ", "));
}

}  // namespace

double CountedOn(std::string_view page, const HarmlessEvent& event, std::string_view netns) {
  double counted = 0;
  std::istringstream lines{std::string(page)};
  for (std::string line; std::getline(lines, line);) {
    if (IsOf(line, event, netns)) counted += std::stod(line.substr(line.rfind(' ') + 1));
  }
  return counted;
}

int EventStatus(std::span<const CheckedEvent> events) {
  const auto passed = std::count_if(events.begin(), events.end(), Passed);
  if (passed == static_cast<std::ptrdiff_t>(events.size())) return 0;
  return passed ? 1 : 2;
}

std::string EventText(std::span<const CheckedEvent> events) {
  std::string text = "events:\n";
  for (const CheckedEvent& event : events)
    text += fmt::format("  {}: {}: {}\n", event.collector, event.what, VerdictOf(event));
  return text;
}

nlohmann::ordered_json EventJson(std::span<const CheckedEvent> events) {
  auto json = nlohmann::ordered_json::array();
  for (const CheckedEvent& event : events) {
    nlohmann::ordered_json entry;
    entry["collector"] = event.collector;
    entry["event"] = event.what;
    entry["ok"] = Passed(event);
    entry["backends"] = event.backends;
    entry["counted"] = static_cast<std::uint64_t>(event.counted);
    if (!event.failure.empty()) entry["reason"] = PrintableText(event.failure);
    json.push_back(std::move(entry));
  }
  return json;
}

}  // namespace netchange
