// SPDX-License-Identifier: Apache-2.0
// HTTP: CivetWeb with a table of exact paths.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "util/fd.h"
#include "util/result.h"
#include "util/sink.h"

struct mg_connection;
struct mg_context;

namespace netchange {

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  /// Instead of `body`: writes it in pieces, after the head was sent. An exception cuts the answer
  /// off, so that the client sees that it is not complete.
  std::function<void(const Sink&)> write = nullptr;
};

/// Serves until it is destroyed. Handlers run on the server's threads, several at a time.
class WebServer {
 public:
  /// Handlers by exact path. An exception from a handler becomes a 500 and a line in the log.
  using Routes = std::map<std::string, std::function<Response()>>;

  /// `addresses` as in Config. The error names an address that is in use, and a remedy.
  static Result<std::unique_ptr<WebServer>> Start(const std::vector<std::string>& addresses,
                                                  Routes routes);
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

 private:
  explicit WebServer(Routes routes);
  Status StartCivetweb();
  static void* Listen(const mg_context* context, int thread_type) noexcept;
  static int AddConnection(const mg_connection* connection, void** data) noexcept;
  static void RemoveConnection(const mg_connection* connection) noexcept;
  static void WakeThreads(void* user) noexcept;
  static int HandleRequest(mg_connection* connection);
  [[nodiscard]] Response Answer(const std::string& method, const std::string& path) const;

  const Routes routes_;
  std::vector<Fd> listeners_;  // until CivetWeb takes them
  Fd wake_;
  std::mutex mutex_;
  std::map<const mg_connection*, Fd> connections_;  // with mutex_
  mg_context* context_ = nullptr;
};

}  // namespace netchange
