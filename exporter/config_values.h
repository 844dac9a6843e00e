// SPDX-License-Identifier: Apache-2.0
// Values that the configuration file and the flags share. An error says what is expected.
#pragma once

#include <string>
#include <vector>

#include "kernel/hook_plan.h"
#include "util/log.h"
#include "util/result.h"

namespace netchange {

/// `a.b.c.d:port`, `[a:b::c]:port`, or `:port` for every address.
Status CheckListenAddress(const std::string& address);
/// Accepts a path that begins with a slash, is not another page, and has no character that a URL
/// must escape.
Status CheckTelemetryPath(const std::string& path);
/// `debug`, `info`, `warn` or `error`.
Result<LogLevel> ParseLogLevel(const std::string& level);
/// `logfmt` or `json`.
Result<LogFormat> ParseLogFormat(const std::string& format);
/// `auto`, or one backend by name.
Result<std::vector<Backend>> ParseBackends(const std::string& name);

}  // namespace netchange
