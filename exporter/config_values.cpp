// SPDX-License-Identifier: Apache-2.0
#include "config_values.h"

#include <arpa/inet.h>

#include <iterator>

namespace netchange {
namespace {

bool IsHost(const std::string& text) {
  in6_addr parsed{};
  if (text.empty() || inet_pton(AF_INET, text.c_str(), &parsed) == 1) return true;
  return text.size() > 2 && text.front() == '[' && text.back() == ']' &&
         inet_pton(AF_INET6, text.substr(1, text.size() - 2).c_str(), &parsed) == 1;
}

}  // namespace

Status CheckListenAddress(const std::string& address) {
  const auto colon = address.rfind(':');
  const std::string host = address.substr(0, colon == std::string::npos ? 0 : colon);
  const std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 &&
                      port.find_first_not_of("0123456789") == std::string::npos;
  if (digits && IsHost(host) && std::stoi(port) >= 1 && std::stoi(port) <= 65535) return {};
  return Error{"invalid address \"" + address +
               "\": expected :PORT or ADDRESS:PORT, such as :10417, 127.0.0.1:10417 or "
               "[::1]:10417"};
}

Status CheckTelemetryPath(const std::string& path) {
  const bool plain = !path.empty() && path.front() == '/' &&
                     path.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-") ==
                         std::string::npos;
  if (!plain) return Error{"invalid path \"" + path + "\": expected a path such as /metrics"};
  if ((path + "/").find("//") < path.size() - 1 || (path + "/").find("/./") != std::string::npos ||
      (path + "/").find("/../") != std::string::npos) {
    return Error{"invalid path \"" + path + "\": clients remove //, /. and /.."};
  }
  for (const char* taken : {"/", "/changes", "/-/healthy", "/-/ready"}) {
    if (path == taken) return Error{"invalid path \"" + path + "\": another page has it"};
  }
  return {};
}

Result<LogLevel> ParseLogLevel(const std::string& level) {
  if (level == "debug") return LogLevel::kDebug;
  if (level == "info") return LogLevel::kInfo;
  if (level == "warn") return LogLevel::kWarn;
  if (level == "error") return LogLevel::kError;
  return Error{"invalid log level \"" + level + "\": expected debug, info, warn or error"};
}

Result<LogFormat> ParseLogFormat(const std::string& format) {
  if (format == "logfmt") return LogFormat::kLogfmt;
  if (format == "json") return LogFormat::kJson;
  return Error{"invalid log format \"" + format + "\": expected logfmt or json"};
}

Result<std::vector<Backend>> ParseBackends(const std::string& name) {
  if (name == "auto") return std::vector(std::begin(kAllBackends), std::end(kAllBackends));
  for (const Backend backend : kAllBackends) {
    if (name == NameOf(backend)) return std::vector{backend};
  }
  return Error{"invalid backend \"" + name + "\": expected auto, fexit, kprobe or syscall"};
}

}  // namespace netchange
