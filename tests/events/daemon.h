// SPDX-License-Identifier: Apache-2.0
// Exporters that the tests start, and what that costs.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "process.h"

namespace netchange::test {

/// Path of a file that lies in the test program's directory.
std::string BesideTheTests(const std::string& file);
/// Path of the exporter: beside the tests, or NETCHANGE_DAEMON.
std::string DaemonPath();
/// As asked for: NETCHANGE_BACKEND, or `auto`.
std::string Backend();

/// How often a load test repeats something: `times` with `auto`, a tenth with a backend by name.
int Load(int times);

/// An exporter on a port of 127.0.0.1, with Backend().
class Daemon {
 public:
  explicit Daemon(int port, const std::vector<std::string>& flags = {});
  /// Whether it answers; waits for it at most a minute.
  bool WaitUntilReady();
  /// By SIGTERM. Its exit status has to be 0.
  void Stop();
  [[nodiscard]] int port() const { return port_; }
  /// All that it has written.
  [[nodiscard]] std::string Output() const { return child_.Output(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  int port_;
  Child child_;
};

/// `check` with Backend(), to its end, in a process that has dropped rights before.
RunResult Check(const std::vector<std::string>& flags,
                const std::function<void()>& drop_rights = {});

/// Of all exporters of this run, `watch` and `check` too.
struct ExporterCosts {
  int started = 0;
  std::chrono::duration<double> starting{}, stopping{};
};
ExporterCosts& Costs();

/// Adds its own lifetime to a sum.
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
