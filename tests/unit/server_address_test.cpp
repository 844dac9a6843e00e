// SPDX-License-Identifier: Apache-2.0
// The addresses that the server listens on, of IPv4 and of IPv6.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "util/fd.h"
#include "web/server.h"

namespace netchange {
namespace {

sockaddr_in6 Loopback6(int port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(static_cast<std::uint16_t>(port));
  address.sin6_addr = in6addr_loopback;
  return address;
}

// Of ::1, which is free for IPv4, too, because an IPv6 socket takes both. 0 without IPv6.
int FreePort() {
  const Fd listener(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 address = Loopback6(0);
  socklen_t size = sizeof(address);
  if (bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) ||
      getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size))
    return 0;
  return ntohs(address.sin6_port);
}

bool Answers(const sockaddr* address, socklen_t size) {
  const Fd connection(socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const std::string request = "GET / HTTP/1.0\r\n\r\n";
  char answer[9] = "";
  return connect(connection.get(), address, size) == 0 &&
         send(connection.get(), request.data(), request.size(), MSG_NOSIGNAL) > 0 &&
         recv(connection.get(), answer, 8, MSG_WAITALL) == 8 && !std::strcmp(answer, "HTTP/1.1");
}

bool AnswersIpv4(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return Answers(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

bool AnswersIpv6(int port) {
  const sockaddr_in6 address = Loopback6(port);
  return Answers(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

// Sockets of this process that listen.
int Listeners() {
  int listeners = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    int listens = 0;
    socklen_t size = sizeof(listens);
    const int fd = std::atoi(entry.path().filename().c_str());
    if (!getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size)) listeners += listens;
  }
  return listeners;
}

class ServerAddress : public testing::Test {
 protected:
  void SetUp() override {
    if (!port_) GTEST_SKIP() << "this machine has no address ::1";
  }
  void Start(const std::string& host) {
    auto server =
        WebServer::Start({host + ":" + std::to_string(port_)}, {{"/", [] { return Response{}; }}});
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }

  const int port_ = FreePort();
  std::unique_ptr<WebServer> server_;
};

TEST_F(ServerAddress, WithoutAHostIsOfBothFamilies) {
  Start("");
  EXPECT_TRUE(AnswersIpv4(port_));
  EXPECT_TRUE(AnswersIpv6(port_));
}

TEST_F(ServerAddress, OfNoHostIsOfBothFamilies) {
  Start("[::]");
  EXPECT_TRUE(AnswersIpv4(port_));
  EXPECT_TRUE(AnswersIpv6(port_));
}

TEST_F(ServerAddress, OfIpv6IsOfIpv6Alone) {
  Start("[::1]");
  EXPECT_FALSE(AnswersIpv4(port_));
  EXPECT_TRUE(AnswersIpv6(port_));
}

TEST_F(ServerAddress, OfIpv4IsOfIpv4Alone) {
  Start("127.0.0.1");
  EXPECT_TRUE(AnswersIpv4(port_));
  EXPECT_FALSE(AnswersIpv6(port_));
}

TEST_F(ServerAddress, IsTheOnlyOneThatTheProcessListensOn) {
  const int before = Listeners();
  Start("127.0.0.1");
  EXPECT_TRUE(AnswersIpv4(port_));
  EXPECT_EQ(Listeners(), before + 1);
  server_.reset();
  EXPECT_EQ(Listeners(), before);
}

}  // namespace
}  // namespace netchange
