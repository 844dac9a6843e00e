// SPDX-License-Identifier: Apache-2.0
#include "daemon.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "scrape.h"

namespace netchange::test {
namespace {

using Clock = std::chrono::steady_clock;

std::string Environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value ? value : otherwise;
}

std::vector<std::string> WithBackend(std::vector<std::string> command,
                                     const std::vector<std::string>& flags) {
  const bool given = std::any_of(flags.begin(), flags.end(), [](const std::string& flag) {
    return flag.starts_with("--backend=");
  });
  if (!given) command.push_back("--backend=" + Backend());
  command.insert(command.end(), flags.begin(), flags.end());
  return command;
}

}  // namespace

std::string BesideTheTests(const std::string& file) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / file;
}

std::string DaemonPath() {
  return Environment("NETCHANGE_DAEMON", BesideTheTests("netchange_exporter"));
}

std::string Backend() { return Environment("NETCHANGE_BACKEND", "auto"); }

int Load(int times) { return Backend() == "auto" ? times : times / 10; }

std::string WithConfig(const std::string& text) {
  static int files = 0;
  const std::string path = "/tmp/netchange_exporter." + std::to_string(++files) + ".yml";
  std::ofstream(path) << text;
  return "--config.file=" + path;
}

Daemon::Daemon(int port, const std::vector<std::string>& flags)
    : port_(port),
      child_(WithBackend({DaemonPath(), "--web.listen-address=127.0.0.1:" + std::to_string(port)},
                         flags),
             "/tmp/netchange_exporter." + std::to_string(port) + ".log") {
  ++Costs().started;
}

bool Daemon::WaitUntilReady() {
  bool ready = false;
  while (!ready && Clock::now() < start_ + std::chrono::minutes(3) && child_.Running()) {
    ready = !Get(port_, "/-/ready").empty();
    if (!ready) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  Costs().starting += Clock::now() - start_;
  return ready;
}

void Daemon::Stop() {
  const Stopwatch stopwatch(Costs().stopping);
  EXPECT_EQ(child_.Stop(SIGTERM), 0) << Output();
}

void Daemon::Kill() { EXPECT_EQ(child_.Stop(SIGKILL), 128 + SIGKILL); }

RunResult Check(const std::vector<std::string>& flags, const std::function<void()>& drop_rights) {
  const Stopwatch stopwatch(Costs().starting);
  ++Costs().started;
  return ForkAs("any", [&]() -> int {
    if (drop_rights) drop_rights();
    Exec(WithBackend({DaemonPath(), "check"}, flags));
  });
}

ExporterCosts& Costs() {
  static ExporterCosts costs;
  return costs;
}

}  // namespace netchange::test
