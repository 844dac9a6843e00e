// SPDX-License-Identifier: Apache-2.0
#include "web/server.h"

#include <civetweb.h>

#include <cstring>
#include <mutex>

#include "util/log.h"

namespace netchange {
namespace {

constexpr char kThreads[] = "4";  // a scrape, a second one, and two pages

const char* ReasonOf(int status) {
  switch (status) {
    case 200: return "OK";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 503: return "Service Unavailable";
    default: return "Internal Server Error";
  }
}

// `:port` is every address of both families.
std::string CivetwebPort(const std::string& address) { return address.front() == ':' ? "+" + address.substr(1) : address; }

// CivetWeb says why it cannot start by a message only.
struct StartMessage {
  std::mutex mutex;
  std::string text;
};
StartMessage g_start_message;

int TakeMessage(const mg_connection*, const char* message) {
  const std::lock_guard lock(g_start_message.mutex);
  if (g_start_message.text.empty()) g_start_message.text = message;
  LogDebug(message, {{"from", "civetweb"}});
  return 1;
}

void Send(mg_connection* connection, const Response& response, bool with_body) {
  mg_printf(connection,
            "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nX-Content-Type-Options: nosniff\r\n"
            "%sConnection: close\r\n\r\n",
            response.status, ReasonOf(response.status), response.content_type.c_str(), response.body.size(),
            response.status == 405 ? "Allow: GET, HEAD\r\n" : "");
  if (with_body) mg_write(connection, response.body.data(), response.body.size());
}

}  // namespace

Result<std::unique_ptr<WebServer>> WebServer::Start(const std::vector<std::string>& addresses, Routes routes) {
  std::string ports;
  for (const std::string& address : addresses) ports += (ports.empty() ? "" : ",") + CivetwebPort(address);
  const char* options[] = {"listening_ports",    ports.c_str(), "num_threads", kThreads,
                           "request_timeout_ms", "10000",       nullptr};
  mg_callbacks callbacks{};
  callbacks.begin_request = HandleRequest;
  callbacks.log_message = TakeMessage;

  std::unique_ptr<WebServer> server(new WebServer(std::move(routes)));
  mg_init_library(0);
  server->context_ = mg_start(&callbacks, server.get(), options);
  if (server->context_) return server;
  const std::lock_guard lock(g_start_message.mutex);
  return Error{"listen on " + ports + ": " + (g_start_message.text.empty() ? "refused" : g_start_message.text) +
               " (is another one running? choose an address with --web.listen-address)"};
}

WebServer::~WebServer() {
  if (context_) mg_stop(context_);
  mg_exit_library();
}

int WebServer::HandleRequest(mg_connection* connection) {
  const mg_request_info* request = mg_get_request_info(connection);
  const auto* server = static_cast<const WebServer*>(request->user_data);
  const std::string method = request->request_method ? request->request_method : "";
  Response response;
  try {
    response = server->Answer(method, request->local_uri ? request->local_uri : "");
  } catch (const std::exception& e) {
    LogError("request failed", {{"path", request->local_uri ? request->local_uri : ""}, {"reason", e.what()}});
    response = {500, "text/plain; charset=utf-8", "internal error; see the log\n"};
  }
  Send(connection, response, method != "HEAD");
  return response.status;
}

Response WebServer::Answer(const std::string& method, const std::string& path) const {
  const auto route = routes_.find(path);
  if (route == routes_.end()) return {404, "text/plain; charset=utf-8", "not found; the start page is /\n"};
  if (method != "GET" && method != "HEAD") return {405, "text/plain; charset=utf-8", "use GET\n"};
  return route->second();
}

}  // namespace netchange
