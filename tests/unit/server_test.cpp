// SPDX-License-Identifier: Apache-2.0
#include "web/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "http_client.h"
#include "util/fd.h"

namespace netchange {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

Response Text(std::string body) { return {200, "text/plain; charset=utf-8", std::move(body)}; }

WebServer::Routes TestRoutes() {
  return {
      {"/", [] { return Text("start\n"); }},
      {"/metrics",
       [] {
         return Response{200, "text/plain; version=0.0.4", "a 1\n"};
       }},
      {"/large", [] { return Text(std::string(3 << 20, 'x')); }},
      {"/empty", [] { return Text(""); }},
      {"/throw", []() -> Response { throw std::runtime_error("no\nluck"); }},
      {"/slow",
       [] {
         std::this_thread::sleep_for(milliseconds(300));
         return Text("slow\n");
       }},
      {"/unavailable",
       [] {
         return Response{503, "text/plain", "later\n"};
       }},
  };
}

class Server : public testing::Test {
 protected:
  void SetUp() override {
    auto server = WebServer::Start({AddressOf(port_)}, TestRoutes());
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }
  // Time that it takes to stop.
  milliseconds Stop() {
    const auto start = steady_clock::now();
    server_.reset();
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
  }

  const std::uint16_t port_ = FreePort();
  std::unique_ptr<WebServer> server_;
};

TEST_F(Server, AnswersGet) {
  const Reply reply = Ask(port_, "/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "a 1\n");
  EXPECT_EQ(reply.head,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: 4\r\n"
            "X-Content-Type-Options: nosniff\r\nConnection: close\r\n");
}

TEST_F(Server, AnswersHeadWithoutABody) {
  const Reply get = Ask(port_, "/metrics");
  const Reply head = Ask(port_, "/metrics", "HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.head, get.head);
  EXPECT_EQ(head.body, "");
}

TEST_F(Server, AnswersWithOrWithoutAQuery) {
  EXPECT_EQ(Ask(port_, "/metrics?name[]=a&b=%20").status, 200);
  EXPECT_EQ(Ask(port_, "/?").body, "start\n");
}

TEST_F(Server, AnswersHttp10) {
  const Reply reply = Exchange(port_, "GET /metrics HTTP/1.0\r\n\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "a 1\n");
}

TEST_F(Server, SendsLargeAndEmptyBodiesWhole) {
  const Reply large = Ask(port_, "/large");
  EXPECT_EQ(large.status, 200);
  EXPECT_EQ(large.body.size(), std::size_t{3} << 20);
  EXPECT_EQ(large.body.find_first_not_of('x'), std::string::npos);
  const Reply empty = Ask(port_, "/empty");
  EXPECT_EQ(empty.status, 200);
  EXPECT_EQ(empty.body, "");
}

TEST_F(Server, KnowsExactPathsOnly) {
  for (const char* path :
       {"/metricsfoo", "/metrics/x", "/metrics/", "/metric", "/Metrics", "/x", "/metrics.txt",
        "/a/metrics", "/metrics%2fx", "/index.html", "/favicon.ico"}) {
    const Reply reply = Ask(port_, path);
    EXPECT_EQ(reply.status, 404) << path;
    EXPECT_EQ(reply.body, "not found; the start page is /\n") << path;
  }
}

TEST_F(Server, ServesNoFiles) {
  for (const char* path :
       {"/../../../../etc/passwd", "/..%2f..%2fetc/passwd", "//etc/passwd", "/proc/self/status"}) {
    const Reply reply = Ask(port_, path);
    EXPECT_GE(reply.status, 400) << path;
    EXPECT_THAT(reply.body, testing::Not(HasSubstr("root"))) << path;
  }
}

TEST_F(Server, RefusesOtherMethods) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    const Reply reply = Ask(port_, "/metrics", method);
    EXPECT_EQ(reply.status, 405) << method;
    EXPECT_THAT(reply.head, HasSubstr("\r\nAllow: GET, HEAD\r\n")) << method;
    EXPECT_TRUE(reply.head.starts_with("HTTP/1.1 405 Method Not Allowed\r\n")) << method;
    EXPECT_EQ(reply.body, "use GET\n") << method;
  }
}

TEST_F(Server, PassesTheStatusOfAPageOn) {
  const Reply reply = Ask(port_, "/unavailable");
  EXPECT_TRUE(reply.head.starts_with("HTTP/1.1 503 Service Unavailable\r\n")) << reply.head;
  EXPECT_EQ(reply.body, "later\n");
}

TEST_F(Server, SurvivesAHandlerThatThrows) {
  for (int i = 0; i < 10; ++i) {
    const Reply reply = Ask(port_, "/throw");
    EXPECT_TRUE(reply.head.starts_with("HTTP/1.1 500 Internal Server Error\r\n")) << reply.head;
    EXPECT_EQ(reply.body, "internal error; see the log\n");
  }
  EXPECT_EQ(Ask(port_, "/metrics").status, 200);
}

TEST_F(Server, SurvivesRequestsThatAreNone) {
  for (const std::string& request :
       {std::string("\r\n\r\n"), std::string("GET\r\n\r\n"),
        std::string("\x16\x03\x01\x02\0\x01", 6) + "\r\n\r\n",
        std::string("GET /metrics HTTP/9.9\r\n\r\n"),
        std::string("GET /") + std::string(100'000, 'a') + " HTTP/1.1\r\n\r\n"}) {
    EXPECT_NE(Exchange(port_, request).status, 200) << request.substr(0, 20);
  }
  EXPECT_EQ(Ask(port_, "/metrics").status, 200);
}

TEST_F(Server, AnswersManyClientsAtOnce) {
  std::atomic<int> good = 0;
  std::vector<std::thread> clients;
  for (int client = 0; client < 8; ++client) {
    clients.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const Reply reply = Ask(port_, "/metrics");
        if (reply.status == 200 && reply.body == "a 1\n") ++good;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(good, 400);
}

TEST_F(Server, RunsHandlersAtTheSameTime) {
  const auto start = steady_clock::now();
  std::vector<std::thread> clients;
  for (int client = 0; client < 4; ++client)
    clients.emplace_back([&] { EXPECT_EQ(Ask(port_, "/slow").status, 200); });
  for (std::thread& client : clients) client.join();
  EXPECT_LT(steady_clock::now() - start, milliseconds(900)) << "four of 300 ms each";
}

TEST_F(Server, AnswersWhileFourClientsSayNothing) {
  std::vector<Fd> silent;
  for (int i = 0; i < 4; ++i) silent.push_back(Connect(port_));
  std::this_thread::sleep_for(milliseconds(200));
  const auto start = steady_clock::now();
  EXPECT_EQ(Ask(port_, "/metrics").status, 200);
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
  RecordProperty("milliseconds", static_cast<int>(took.count()));
  EXPECT_LT(took, milliseconds(2000))
      << "browsers open connections in advance, and a scrape must not wait for them";
}

TEST_F(Server, StopsWithinASecond) {
  ASSERT_EQ(Ask(port_, "/metrics").status, 200);
  const auto took = Stop();
  RecordProperty("milliseconds", static_cast<int>(took.count()));
  EXPECT_LT(took, milliseconds(1000));
  EXPECT_FALSE(Connect(port_)) << "nobody listens any more";
}

TEST_F(Server, StopsWithinASecondAlsoWithAClientThatSaysNothing) {
  const Fd silent = Connect(port_);
  std::this_thread::sleep_for(milliseconds(200));
  const auto took = Stop();
  RecordProperty("milliseconds", static_cast<int>(took.count()));
  EXPECT_LT(took, milliseconds(1000));
}

TEST_F(Server, StopsWithinASecondAlsoWithAClientInTheMiddleOfItsRequest) {
  const Fd half = Connect(port_);
  ASSERT_GT(send(half.get(), "GET /met", 8, MSG_NOSIGNAL), 0);
  std::this_thread::sleep_for(milliseconds(200));
  const auto took = Stop();
  RecordProperty("milliseconds", static_cast<int>(took.count()));
  EXPECT_LT(took, milliseconds(1000));
}

TEST_F(Server, LetsItsPortBeTakenAgainAtOnce) {
  ASSERT_EQ(Ask(port_, "/metrics").status, 200);
  Stop();
  const auto again = WebServer::Start({AddressOf(port_)}, TestRoutes());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(Ask(port_, "/metrics").status, 200);
}

TEST_F(Server, NamesAnAddressThatIsTaken) {
  const auto second = WebServer::Start({AddressOf(port_)}, TestRoutes());
  ASSERT_FALSE(second);
  const std::string& message = second.error().message;
  EXPECT_TRUE(message.starts_with("listen on " + AddressOf(port_) + ": ")) << message;
  EXPECT_THAT(message, HasSubstr("Address already in use"));
  EXPECT_THAT(message, HasSubstr("--web.listen-address"));
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  EXPECT_EQ(Ask(port_, "/metrics").status, 200) << "the first one goes on";
}

TEST(WebServer, DoesNotStartWithOneOfTwoAddresses) {
  const Listener taken = Listen();
  const std::uint16_t free = FreePort();
  const auto server = WebServer::Start({AddressOf(free), AddressOf(taken.port)}, TestRoutes());
  ASSERT_FALSE(server) << "half of what was asked for";
  EXPECT_THAT(server.error().message, HasSubstr(AddressOf(taken.port)));
  EXPECT_FALSE(Connect(free));
}

TEST(WebServer, SaysOfEachFailureItsOwnReason) {
  const Listener taken = Listen();
  for (const auto& [address, reason] :
       {std::pair(AddressOf(taken.port), "Address already in use"),
        std::pair(std::string("192.0.2.1:10417"), "Cannot assign requested address")}) {
    const auto server = WebServer::Start({address}, TestRoutes());
    ASSERT_FALSE(server);
    EXPECT_THAT(server.error().message,
                testing::StartsWith("listen on " + address + ": " + reason));
  }
}

TEST(WebServer, ServesSeveralAddresses) {
  const std::uint16_t one = FreePort();
  const std::uint16_t two = FreePort();
  ASSERT_NE(one, two);
  const auto server = WebServer::Start({AddressOf(one), AddressOf(two)}, TestRoutes());
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_EQ(Ask(one, "/metrics").status, 200);
  EXPECT_EQ(Ask(two, "/metrics").status, 200);
}

TEST(WebServer, ServesIpv4ForAPortAlone) {
  const std::uint16_t port = FreePort();
  const auto server = WebServer::Start({":" + std::to_string(port)}, TestRoutes());
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_EQ(Ask(port, "/metrics").status, 200);
}

// Runs in a process of its own, which would die if the exception left the handler.
TEST(WebServerDeathTest, SurvivesAHandlerThatThrowsWhatIsNoException) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto serve = [] {
    const std::uint16_t port = FreePort();
    const auto server =
        WebServer::Start({AddressOf(port)}, {{"/throw", []() -> Response { throw 1; }}});
    std::fprintf(stderr, "status %d\n", server ? Ask(port, "/throw").status : -1);
    std::_Exit(0);
  };
  EXPECT_EXIT(serve(), testing::ExitedWithCode(0), "status 500");
}

}  // namespace
}  // namespace netchange
