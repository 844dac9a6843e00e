// SPDX-License-Identifier: Apache-2.0
#include "web/server.h"

#include <civetweb.h>

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <string_view>
#include <utility>

#include "util/log.h"
#include "web/civetweb_internals.h"
#include "web/listening_socket.h"

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

int LogMessage(const mg_connection*, const char* message) {
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
  std::unique_ptr<WebServer> server(new WebServer(std::move(routes)));
  for (const std::string& address : addresses) {
    auto listener = ListenOn(address);
    if (!listener)
      return Error{listener.error().message +
                   " (is another exporter running? change the address "
                   "with --web.listen-address)"};
    server->listeners_.push_back(std::move(*listener));
  }
  // One more, to wake the thread that accepts connections.
  server->wake_ = Fd(eventfd(0, EFD_CLOEXEC));
  server->listeners_.emplace_back(fcntl(server->wake_.get(), F_DUPFD_CLOEXEC, 0));
  if (Status started = server->StartCivetweb(); !started) return started.error();
  return server;
}

Status WebServer::StartCivetweb() {
  std::string ports;  // never opened: Listen() replaces them
  for (std::size_t i = 0; i < listeners_.size(); ++i) ports += i ? ",0" : "0";
  const char* options[] = {"listening_ports",    ports.c_str(),   "num_threads", kThreads,
                           "request_timeout_ms", kRequestTimeout, nullptr};
  mg_callbacks callbacks{};
  callbacks.init_thread = Listen;
  callbacks.init_connection = AddConnection;
  callbacks.connection_closed = RemoveConnection;
  callbacks.begin_request = HandleRequest;
  callbacks.log_message = LogMessage;
  char reason[256] = "refused";
  mg_init_data start{&callbacks, this, options};
  mg_error_data error{};
  error.text = reason;
  error.text_buffer_size = sizeof(reason);
  context_ = mg_start2(&start, &error);
  if (context_ && civetweb_accepts(context_)) return {};
  return Error{std::string("start the HTTP server: ") + (context_ ? "no thread" : reason)};
}

// In the thread that accepts connections, before the first one.
void* WebServer::Listen(const mg_context* context, int thread_type) noexcept {
  if (thread_type != 0) return nullptr;
  auto* server = static_cast<WebServer*>(mg_get_user_data(context));
  for (unsigned int i = 0; i < server->listeners_.size(); ++i)
    civetweb_listen(const_cast<mg_context*>(context), i, server->listeners_[i].Release());
  return nullptr;
}

// A duplicate, so that no other thread can get the same number while it is here.
int WebServer::AddConnection(const mg_connection* connection, void**) noexcept {
  auto* server = static_cast<WebServer*>(mg_get_user_data(mg_get_context(connection)));
  const std::lock_guard lock(server->mutex_);
  server->connections_[connection] = Fd(fcntl(civetweb_socket(connection), F_DUPFD_CLOEXEC, 0));
  return 0;
}

void WebServer::RemoveConnection(const mg_connection* connection) noexcept {
  auto* server = static_cast<WebServer*>(mg_get_user_data(mg_get_context(connection)));
  const std::lock_guard lock(server->mutex_);
  server->connections_.erase(connection);
}

// Also threads that wait for a client that says nothing.
void WebServer::WakeThreads(void* user) noexcept {
  auto* server = static_cast<WebServer*>(user);
  eventfd_write(server->wake_.get(), 1);
  const std::lock_guard lock(server->mutex_);
  for (const auto& [connection, socket] : server->connections_) shutdown(socket.get(), SHUT_RDWR);
}

WebServer::WebServer(Routes routes) : routes_(std::move(routes)) { mg_init_library(0); }

WebServer::~WebServer() {
  if (context_) civetweb_stop(context_, WakeThreads, this);
  mg_exit_library();
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
