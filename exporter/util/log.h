// SPDX-License-Identifier: Apache-2.0
// The exporter's own messages, to standard error, as Prometheus programs write them: logfmt or
// JSON.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace netchange {

enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kLogfmt, kJson };

/// Call once, before threads start. What is below `level` is not logged.
void SetUpLog(LogLevel level, LogFormat format);

using LogFields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// One line each. Thread-safe. Values may hold any byte.
void LogDebug(std::string_view message, LogFields fields = {});
void LogInfo(std::string_view message, LogFields fields = {});
void LogWarn(std::string_view message, LogFields fields = {});
void LogError(std::string_view message, LogFields fields = {});

/// One line as it is logged, without time and level. For tests.
std::string FormatLogLine(LogFormat format, std::string_view message, LogFields fields);

}  // namespace netchange
