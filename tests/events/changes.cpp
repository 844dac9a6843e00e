// SPDX-License-Identifier: Apache-2.0
#include "changes.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "event_test.h"

namespace netchange::test {
namespace {

using Json = nlohmann::json;
using std::chrono::steady_clock;

// Events whose text has this line, newest first. Other events are not parsed: the page has up to a
// thousand, and an emulated guest is slow.
std::vector<Json> EventsWith(const std::string& line) {
  const std::string page = Get(kPort, "/changes"), separator = "\n {\n";
  std::vector<Json> events;
  for (auto begin = page.find(separator); begin != std::string::npos;) {
    const auto end = page.find(separator, begin + 1);
    const std::string event = page.substr(begin, end - begin);
    if (event.find(line) != std::string::npos)
      events.push_back(Json::parse(event.substr(0, event.rfind('}') + 1)));
    begin = end;
  }
  return events;
}

std::vector<Json> WaitForEventsWith(const std::string& line, std::size_t count) {
  const auto until = steady_clock::now() + std::chrono::seconds(5);
  auto events = EventsWith(line);
  while (events.size() < count && steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    events = EventsWith(line);
  }
  return events;
}

}  // namespace

std::vector<Json> EventsOf(pid_t pid, std::size_t count) {
  auto events = WaitForEventsWith("\"pid\": " + std::to_string(pid) + ",", count);
  std::reverse(events.begin(), events.end());
  return events;
}

std::vector<Json> NewestEventsOf(const std::string& setting, std::size_t count) {
  auto events = WaitForEventsWith("\"setting\": \"" + setting + '"', count);
  events.resize(std::min(events.size(), count));
  return events;
}

}  // namespace netchange::test
