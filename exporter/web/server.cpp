// SPDX-License-Identifier: Apache-2.0
#include "web/server.h"

#include <civetweb.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <mutex>
#include <string_view>

#include "util/fd.h"
#include "util/log.h"

namespace netchange {
namespace {

// An idle connection occupies a thread, and browsers open idle connections.
constexpr char kThreads[] = "40";
constexpr char kRequestTimeout[] = "5000";  // milliseconds

const char* ReasonOf(int status) {
  switch (status) {
    case 200: return "OK";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 503: return "Service Unavailable";
    default: return "Internal Server Error";
  }
}

// `:port` and `[::]:port` mean every address, of IPv6 and of IPv4: CivetWeb's `+port`.
std::string CivetwebPort(const std::string& address) {
  for (const std::string every : {":", "[::]:"}) {
    if (!address.starts_with(every)) continue;
    const bool ipv6 = bool(Fd(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)));
    return (ipv6 ? "+" : "") + address.substr(every.size());
  }
  return address;
}

// The port that an internet socket is bound to; 0 for other sockets.
int LocalPort(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size)) return 0;
  if (address.ss_family == AF_INET)
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  if (address.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return 0;
}

std::vector<int> PortsOf(const mg_context* context) {
  std::vector<mg_server_port> ports(64);
  const int count = mg_get_server_ports(context, static_cast<int>(ports.size()), ports.data());
  std::vector<int> numbers;
  numbers.reserve(ports.size());
  for (int i = 0; i < count; ++i) numbers.push_back(ports[i].port);
  return numbers;
}

// CivetWeb reports its start error only as a log message.
struct StartMessage {
  std::mutex mutex;
  std::string text;

  void Clear() {
    const std::lock_guard lock(mutex);
    text.clear();
  }
};
StartMessage g_start_message;

int TakeMessage(const mg_connection*, const char* message) {
  const std::lock_guard lock(g_start_message.mutex);
  if (g_start_message.text.empty()) g_start_message.text = message;
  LogDebug(message, {{"from", "civetweb"}});
  return 1;
}

bool HasChunks(const mg_connection* connection) {
  const char* version = mg_get_request_info(connection)->http_version;
  return version && std::string_view(version) != "1.0";
}

void SendHead(mg_connection* connection, const Response& response) {
  std::string length = "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  if (response.write) length = HasChunks(connection) ? "Transfer-Encoding: chunked\r\n" : "";
  mg_printf(connection,
            "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n%sX-Content-Type-Options: nosniff\r\n"
            "%sConnection: close\r\n\r\n",
            response.status, ReasonOf(response.status), response.content_type.c_str(),
            length.c_str(), response.status == 405 ? "Allow: GET, HEAD\r\n" : "");
}

// Without chunks (HTTP/1.0) the end of the connection is the end of the body. Each piece has the
// time of a request; a client that takes none in that time has gone away.
void SendPieces(mg_connection* connection, const std::function<void(const Sink&)>& write) {
  const bool chunks = HasChunks(connection);
  bool sent = true;
  write([&](std::string_view piece) {
    const int size = static_cast<int>(piece.size());
    if (size == 0) return sent;  // an empty chunk would be the end
    sent = chunks ? mg_send_chunk(connection, piece.data(), size) > 0
                  : mg_write(connection, piece.data(), piece.size()) == size;
    return sent;
  });
  if (sent && chunks) mg_send_chunk(connection, "", 0);
}

// An exception must not leave a handler.
void Attempt(const std::string& path, const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& e) {
    LogError("request failed", {{"path", path}, {"reason", e.what()}});
  } catch (...) {
    LogError("request failed", {{"path", path}});
  }
}

void SendBody(mg_connection* connection, const Response& response) {
  if (response.write)
    SendPieces(connection, response.write);
  else
    mg_write(connection, response.body.data(), response.body.size());
}

}  // namespace

Result<std::unique_ptr<WebServer>> WebServer::Start(const std::vector<std::string>& addresses,
                                                    Routes routes) {
  std::string ports;
  for (const std::string& address : addresses)
    ports += (ports.empty() ? "" : ",") + CivetwebPort(address);
  const char* options[] = {"listening_ports",    ports.c_str(),   "num_threads", kThreads,
                           "request_timeout_ms", kRequestTimeout, nullptr};
  mg_callbacks callbacks{};
  callbacks.begin_request = HandleRequest;
  callbacks.log_message = TakeMessage;

  std::unique_ptr<WebServer> server(new WebServer(std::move(routes)));
  g_start_message.Clear();
  mg_init_library(0);
  server->context_ = mg_start(&callbacks, server.get(), options);
  if (server->context_) {
    server->ports_ = PortsOf(server->context_);
    return server;
  }
  const std::lock_guard lock(g_start_message.mutex);
  return Error{"listen on " + ports + ": " +
               (g_start_message.text.empty() ? "refused" : g_start_message.text) +
               " (is another exporter running? change the address with --web.listen-address)"};
}

// CivetWeb's threads check its stop flag only every two seconds while they wait on a socket.
// Shutting the sockets down wakes them, also on connections where the client sends nothing.
WebServer::~WebServer() {
  if (context_) {
    const auto stopped = std::async(std::launch::async, [this] { mg_stop(context_); });
    do {
      ShutDownSockets();
    } while (stopped.wait_for(std::chrono::milliseconds(10)) != std::future_status::ready);
  }
  mg_exit_library();
}

// The sockets of this process that are bound to one of the server's ports.
void WebServer::ShutDownSockets() const {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
    const int fd = std::atoi(entry.path().filename().c_str());
    if (std::count(ports_.begin(), ports_.end(), LocalPort(fd))) shutdown(fd, SHUT_RDWR);
  }
}

int WebServer::HandleRequest(mg_connection* connection) {
  const mg_request_info* request = mg_get_request_info(connection);
  const auto* server = static_cast<const WebServer*>(request->user_data);
  const std::string method = request->request_method ? request->request_method : "";
  const std::string path = request->local_uri ? request->local_uri : "";
  Response response{500, "text/plain; charset=utf-8", "internal error; see the log\n"};
  Attempt(path, [&] { response = server->Answer(method, path); });
  SendHead(connection, response);
  if (method != "HEAD") Attempt(path, [&] { SendBody(connection, response); });
  return response.status;
}

Response WebServer::Answer(const std::string& method, const std::string& path) const {
  const auto route = routes_.find(path);
  if (route == routes_.end())
    return {404, "text/plain; charset=utf-8", "not found; the start page is /\n"};
  if (method != "GET" && method != "HEAD") return {405, "text/plain; charset=utf-8", "use GET\n"};
  return route->second();
}

}  // namespace netchange
