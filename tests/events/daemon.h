// SPDX-License-Identifier: Apache-2.0
// Exporters that the tests start, and the time that this takes.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "process.h"

namespace netchange::test {

/// Path of a file in the test program's directory.
std::string BesideTheTests(const std::string& file);
/// Path of the exporter: NETCHANGE_DAEMON, or in the test program's directory.
std::string DaemonPath();
/// The value of --backend: NETCHANGE_BACKEND, or `auto`.
std::string Backend();

/// Repetitions of a load test: `times` with `auto`, a tenth with any other backend.
int Load(int times);

/// The flag for a configuration file with this text.
std::string WithConfig(const std::string& text);

/// An exporter on a port of 127.0.0.1, with Backend().
class Daemon {
 public:
  explicit Daemon(int port, const std::vector<std::string>& flags = {});
  /// Waits at most three minutes until the exporter answers; false if it does not.
  bool WaitUntilReady();
  /// Sends SIGTERM. The exit status has to be 0.
  void Stop();
  /// Sends SIGKILL.
  void Kill();
  [[nodiscard]] pid_t pid() const { return child_.pid(); }
  [[nodiscard]] int port() const { return port_; }
  /// Standard output and standard error until now.
  [[nodiscard]] std::string Output() const { return child_.Output(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  int port_;
  Child child_;
};

/// Runs `check` with Backend(). `drop_rights` runs before it, in the same process.
RunResult Check(const std::vector<std::string>& flags,
                const std::function<void()>& drop_rights = {});

/// Sums over all exporters of this run, `watch` and `check` included.
struct ExporterCosts {
  int started = 0;
  std::chrono::duration<double> starting{}, stopping{};
};
ExporterCosts& Costs();

/// Adds its own lifetime to `sum`.
class Stopwatch {
 public:
  explicit Stopwatch(std::chrono::duration<double>& sum) : sum_(sum) {}
  ~Stopwatch() { sum_ += std::chrono::steady_clock::now() - start_; }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  std::chrono::duration<double>& sum_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace netchange::test
