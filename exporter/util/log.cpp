// SPDX-License-Identifier: Apache-2.0
#include "util/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "util/text.h"

namespace netchange {
namespace {

LogFormat g_format = LogFormat::kLogfmt;

// A JSON string is also a valid quoted logfmt value.
std::string Quoted(std::string_view text) { return nlohmann::json(PrintableText(text)).dump(); }

std::string LogfmtValue(std::string_view text) {
  const bool plain = !text.empty() && text.find_first_of(" =\"\\") == std::string_view::npos &&
                     PrintableText(text) == text;
  return plain ? std::string(text) : Quoted(text);
}

struct Level {
  spdlog::level::level_enum number;
  std::string_view name;  // as Prometheus programs name it
};

Level LevelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return {spdlog::level::debug, "debug"};
    case LogLevel::kInfo: return {spdlog::level::info, "info"};
    case LogLevel::kWarn: return {spdlog::level::warn, "warn"};
    case LogLevel::kError: break;
  }
  return {spdlog::level::err, "error"};
}

void Write(LogLevel log_level, std::string_view message, LogFields fields) {
  const Level level = LevelOf(log_level);
  if (!spdlog::should_log(level.number)) return;
  const std::string prefix = g_format == LogFormat::kJson
                                 ? R"("level":")" + std::string(level.name) + "\","
                                 : "level=" + std::string(level.name) + " ";
  spdlog::log(level.number, prefix + FormatLogLine(g_format, message, fields));
}

}  // namespace

std::string FormatLogLine(LogFormat format, std::string_view message, LogFields fields) {
  const bool json = format == LogFormat::kJson;
  std::string line = (json ? "\"msg\":" : "msg=") + Quoted(message);
  for (const auto& [name, value] : fields) {
    line += json ? "," + Quoted(name) + ":" + Quoted(value)
                 : " " + std::string(name) + "=" + LogfmtValue(value);
  }
  return line;
}

void SetUpLog(LogLevel level, LogFormat format) {
  g_format = format;
  spdlog::set_default_logger(spdlog::stderr_logger_mt("netchange"));
  spdlog::set_level(LevelOf(level).number);
  spdlog::set_pattern(format == LogFormat::kJson ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})"
                                                 : "time=%Y-%m-%dT%H:%M:%S.%eZ %v",
                      spdlog::pattern_time_type::utc);
}

bool LogsDebug() { return spdlog::should_log(spdlog::level::debug); }

void LogDebug(std::string_view message, LogFields fields) {
  Write(LogLevel::kDebug, message, fields);
}
void LogInfo(std::string_view message, LogFields fields) {
  Write(LogLevel::kInfo, message, fields);
}
void LogWarn(std::string_view message, LogFields fields) {
  Write(LogLevel::kWarn, message, fields);
}
void LogError(std::string_view message, LogFields fields) {
  Write(LogLevel::kError, message, fields);
}

}  // namespace netchange
