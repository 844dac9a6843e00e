// SPDX-License-Identifier: Apache-2.0
// The exporter's log, on standard error, in the formats of Prometheus programs: logfmt or JSON.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace netchange {

enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kLogfmt, kJson };

/// Call once, before threads start. Messages below `level` are dropped.
void SetUpLog(LogLevel level, LogFormat format);

using LogFields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// False if debug messages are dropped, so that they need not be made. Thread-safe.
bool LogsDebug();

/// Writes one line. Thread-safe. Values may contain any bytes.
void LogDebug(std::string_view message, LogFields fields = {});
void LogInfo(std::string_view message, LogFields fields = {});
void LogWarn(std::string_view message, LogFields fields = {});
void LogError(std::string_view message, LogFields fields = {});

/// One log line without time and level. For tests.
std::string FormatLogLine(LogFormat format, std::string_view message, LogFields fields);

}  // namespace netchange
