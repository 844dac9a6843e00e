// SPDX-License-Identifier: Apache-2.0
// Pages that are sent in pieces.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "http_client.h"
#include "web/server.h"

namespace netchange {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr std::size_t kPiece = std::size_t{64} << 10;

Response Pieces(std::function<void(const Sink&)> write) {
  return {200, "text/plain", "", std::move(write)};
}

class ServerPieces : public testing::Test {
 protected:
  void SetUp() override {
    auto server = WebServer::Start({AddressOf(port_)}, Routes());
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }

  WebServer::Routes Routes() {
    return {
        {"/pieces",
         [] {
           return Pieces([](const Sink& sink) { sink("one\n") && sink("") && sink("two\n"); });
         }},
        {"/none", [] { return Pieces([](const Sink&) {}); }},
        {"/throw",
         [] {
           return Pieces([](const Sink& sink) {
             sink("one\n");
             throw std::runtime_error("no luck");
           });
         }},
        // Ends only when nobody wants more.
        {"/endless",
         [this] {
           return Pieces([this](const Sink& sink) {
             const std::string piece(kPiece, 'x');
             while (sink(piece)) ++endless_;
             ended_.set_value();
           });
         }},
    };
  }

  const std::uint16_t port_ = FreePort();
  std::atomic<int> endless_ = 0;
  std::promise<void> ended_;
  std::unique_ptr<WebServer> server_;  // destroyed first
};

TEST_F(ServerPieces, AreChunks) {
  const Reply reply = Ask(port_, "/pieces");
  EXPECT_EQ(reply.head,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n"
            "X-Content-Type-Options: nosniff\r\nConnection: close\r\n");
  EXPECT_EQ(reply.body, "4\r\none\n\r\n4\r\ntwo\n\r\n0\r\n\r\n");
  EXPECT_EQ(Ask(port_, "/none").body, "0\r\n\r\n");
}

TEST_F(ServerPieces, AreAPlainBodyForHttp10) {
  const Reply reply = Exchange(port_, "GET /pieces HTTP/1.0\r\n\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.head, Not(HasSubstr("Transfer-Encoding")));
  EXPECT_THAT(reply.head, Not(HasSubstr("Content-Length")));
  EXPECT_EQ(reply.body, "one\ntwo\n");
}

TEST_F(ServerPieces, AreNotSentForHead) {
  const Reply head = Ask(port_, "/pieces", "HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.head, Ask(port_, "/pieces").head);
  EXPECT_EQ(head.body, "");
}

// Without the last chunk a client knows that the page is not complete.
TEST_F(ServerPieces, HaveNoEndAfterAnException) {
  const Reply reply = Ask(port_, "/throw");
  EXPECT_EQ(reply.status, 200) << "the head was sent before";
  EXPECT_EQ(reply.body, "4\r\none\n\r\n");
  EXPECT_THAT(Ask(port_, "/pieces").body, EndsWith("0\r\n\r\n"));
}

TEST_F(ServerPieces, EndWhenTheClientGoesAway) {
  {
    const Fd client = Connect(port_);
    const std::string request = "GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n";
    ASSERT_GT(send(client.get(), request.data(), request.size(), MSG_NOSIGNAL), 0);
    char buffer[1 << 16];
    for (int i = 0; i < 10; ++i) ASSERT_GT(recv(client.get(), buffer, sizeof(buffer), 0), 0);
  }
  ended_.get_future().wait();
  EXPECT_GT(endless_, 0);
  EXPECT_EQ(Ask(port_, "/pieces").status, 200);
}

TEST_F(ServerPieces, DoNotKeepOthersWaitingForAClientThatDoesNotRead) {
  const Fd client = Connect(port_);
  const std::string request = "GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n";
  ASSERT_GT(send(client.get(), request.data(), request.size(), MSG_NOSIGNAL), 0);
  auto ended = ended_.get_future();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Ask(port_, "/pieces").status, 200);
  ended.wait();  // the time of a request, 5 seconds
}

}  // namespace
}  // namespace netchange
