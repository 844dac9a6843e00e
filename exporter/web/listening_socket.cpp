// SPDX-License-Identifier: Apache-2.0
#include "web/listening_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

namespace netchange {
namespace {

constexpr int kBacklog = 200;  // clients that wait while all threads are busy

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

// `host` without brackets; empty: every address.
Addresses Resolve(const std::string& host, const std::string& port, int family) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found))
    found = nullptr;
  return {found, freeaddrinfo};
}

Fd NewSocket(int family) {
  return Fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

bool Set(const Fd& socket, int level, int option, int value) {
  return setsockopt(socket.get(), level, option, &value, sizeof(value)) == 0;
}

}  // namespace

Result<Fd> ListenOn(const std::string& address) {
  const std::string what = "listen on " + address;
  const auto colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  const bool any = host.empty() || host == "::";
  int family = any || host.find(':') != std::string::npos ? AF_INET6 : AF_INET;
  Fd listener = NewSocket(family);
  if (any && !listener) listener = NewSocket(family = AF_INET);  // a kernel without IPv6
  if (!listener) return SystemError(what, errno);
  const Addresses found = Resolve(any ? "" : host, address.substr(colon + 1), family);
  if (!found) return Error{what + ": it is no address"};
  // An exporter that starts again takes a port that connections of the last one still have.
  if (!Set(listener, SOL_SOCKET, SO_REUSEADDR, 1) ||
      (family == AF_INET6 && !Set(listener, IPPROTO_IPV6, IPV6_V6ONLY, !any)) ||
      bind(listener.get(), found->ai_addr, found->ai_addrlen) || listen(listener.get(), kBacklog))
    return SystemError(what, errno);
  return listener;
}

}  // namespace netchange
