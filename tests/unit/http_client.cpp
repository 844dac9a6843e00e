// SPDX-License-Identifier: Apache-2.0
#include "http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace netchange {
namespace {

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Empty if the connection is refused. Waits at most ten seconds for each read.
Fd Connect(const sockaddr* address, socklen_t size) {
  Fd connection(socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval timeout{10, 0};
  setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  if (connect(connection.get(), address, size) != 0) return Fd();
  return connection;
}

}  // namespace

Listener Listen() {
  Listener listener{Fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))};
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(listener.socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(listen(listener.socket.get(), 8), 0);
  EXPECT_EQ(getsockname(listener.socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  listener.port = ntohs(address.sin_port);
  return listener;
}

std::uint16_t FreePort() { return Listen().port; }

std::string AddressOf(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

Fd Connect(std::uint16_t port) {
  const sockaddr_in address = Loopback(port);
  return Connect(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

Reply Exchange(const Fd& connection, const std::string& request) {
  if (!connection || send(connection.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
    return {};
  std::string text;
  char buffer[4096];
  for (ssize_t size = 0; (size = recv(connection.get(), buffer, sizeof(buffer), 0)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(size));
  }
  const auto end = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.1 ") || end == std::string::npos) return {};
  return {std::stoi(text.substr(9, 3)), text.substr(0, end + 2), text.substr(end + 4)};
}

Reply Exchange(std::uint16_t port, const std::string& request) {
  return Exchange(Connect(port), request);
}

Reply Ask(std::uint16_t port, const std::string& path, const std::string& method) {
  return Exchange(
      port, method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
}

}  // namespace netchange
