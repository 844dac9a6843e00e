// SPDX-License-Identifier: Apache-2.0
#include "events/formats.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <nlohmann/json.hpp>

namespace netchange {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr char kColumns[] =
    "{:<15} {:<16} {:>7} {:<15} {:>7} {:<15} {:<24} {:>5} {:<10} {:<44} {:<28} {}";

std::string AtTheEnd(const std::string& text) { return text.empty() ? "" : "  " + text; }

// Empty cells get a dash, so that `cut` and `awk` find the columns.
std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

std::string LocalTime(std::int64_t unix_ns) {
  const std::time_t seconds = unix_ns / kSecond;
  std::tm local{};
  localtime_r(&seconds, &local);
  return fmt::format("{:%H:%M:%S}.{:06}", local, unix_ns % kSecond / 1000);
}

// Without empty texts.
nlohmann::ordered_json Json(const Change& change) {
  nlohmann::ordered_json object;
  const auto add = [&](const std::string& name, const auto& value) { object[name] = value; };
  const auto add_text = [&](const std::string& name, const std::string& text) {
    if (!text.empty()) object[name] = text;
  };
  add("time", Rfc3339(change.time_ns));
  add_text("collector", change.collector);
  add_text("device", change.device);
  add_text("netns", change.netns);
  add("pid", change.pid);
  add_text("process", change.process);
  add("parent_pid", change.parent_pid);
  add_text("parent", change.parent);
  add_text("unit", change.unit);
  add_text("cgroup", change.cgroup);
  add_text("container", change.container);
  add("uid", change.uid);
  if (change.loginuid) add("loginuid", *change.loginuid);
  add_text("exe", change.exe);
  add_text("result", change.result);
  add("duration_seconds", static_cast<double>(change.duration_ns) / kSecond);
  for (const auto& [name, value] : change.description.fields) {
    if (value != FieldValue(std::string()))
      std::visit([&, name = name](const auto& typed) { add(name, typed); }, value);
  }
  add_text("message", change.description.message);
  return object;
}

}  // namespace

std::string Rfc3339(std::int64_t unix_ns) {
  const std::time_t seconds = unix_ns / kSecond;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:09}Z", utc, unix_ns % kSecond);
}

std::string TextHeader() {
  return fmt::format(kColumns, "TIME", "DEVICE", "PID", "PROCESS", "PPID", "PARENT", "UNIT", "UID",
                     "RESULT", "WHAT", "CHANGE", "EXE");
}

std::string TextLine(const Change& change) {
  const std::string device =
      change.netns.empty() ? change.device : change.device + "@" + change.netns;
  const std::string line = fmt::format(
      kColumns, LocalTime(change.time_ns), OrDash(device), change.pid, OrDash(change.process),
      change.parent_pid, OrDash(change.parent), OrDash(change.unit), change.uid, change.result,
      change.description.what, OrDash(change.description.change), OrDash(change.exe));
  return line + AtTheEnd(change.description.words) + AtTheEnd(change.description.message);
}

std::string JsonLine(const Change& change) { return Json(change).dump(); }

std::string JsonArray(const std::vector<Change>& changes) {
  auto array = nlohmann::ordered_json::array();
  for (const Change& change : changes) array.push_back(Json(change));
  return array.dump(1) + "\n";
}

}  // namespace netchange
