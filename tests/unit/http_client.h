// SPDX-License-Identifier: Apache-2.0
// A client of the web server under test, on loopback.
#pragma once

#include <cstdint>
#include <string>

#include "util/fd.h"

namespace netchange {

struct Listener {
  Fd socket;
  std::uint16_t port = 0;
};

/// Listens on a free port.
Listener Listen();
std::uint16_t FreePort();

std::string AddressOf(std::uint16_t port);

/// Empty if the connection is refused. Each read waits at most ten seconds.
Fd Connect(std::uint16_t port);

struct Reply {
  int status = 0;  // 0: no answer
  std::string head;
  std::string body;  // as it was sent
};

Reply Exchange(const Fd& connection, const std::string& request);
Reply Exchange(std::uint16_t port, const std::string& request);
Reply Ask(std::uint16_t port, const std::string& path, const std::string& method = "GET");

}  // namespace netchange
