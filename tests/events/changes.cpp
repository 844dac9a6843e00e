// SPDX-License-Identifier: Apache-2.0
#include "changes.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <thread>

#include "event_test.h"

namespace netchange::test {
namespace {

using Json = nlohmann::json;
using std::chrono::steady_clock;

// When the running test began, in the form that events have, up to milliseconds.
std::string BeginOfTest() {
  const auto begin =
      testing::UnitTest::GetInstance()->current_test_info()->result()->start_timestamp();
  const std::time_t seconds = begin / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[sizeof("2026-11-28T13:00:00")];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
  return text + ('.' + std::to_string(1000 + begin % 1000).substr(1));
}

// Events of the running test whose text has this line, newest first. Other events are not parsed:
// the page has up to a thousand, and an emulated guest is slow.
std::vector<Json> EventsWith(const std::string& line) {
  const std::string page = Get(kPort, "/changes"), separator = "\n {\n";
  const std::string since = BeginOfTest();
  std::vector<Json> events;
  for (auto begin = page.find(separator); begin != std::string::npos;) {
    const auto end = page.find(separator, begin + 1);
    const std::string event = page.substr(begin, end - begin);
    begin = end;
    if (event.find(line) == std::string::npos) continue;
    const Json parsed = Json::parse(event.substr(0, event.rfind('}') + 1));
    if (parsed["time"] >= since) events.push_back(parsed);
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

std::vector<Json> EventsOfSetting(const std::string& setting, std::size_t count) {
  return WaitForEventsWith("\"setting\": \"" + setting + '"', count);
}

}  // namespace netchange::test
