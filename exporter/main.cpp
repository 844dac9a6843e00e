// SPDX-License-Identifier: Apache-2.0
// Flags → configuration → collectors → server → wait for a signal.
#include <malloc.h>
#include <sys/prctl.h>

#include <cstdio>

#include "check.h"
#include "collectors/collector_set.h"
#include "command_line.h"
#include "events/event_log.h"
#include "events/event_stream.h"
#include "events/watch.h"
#include "util/log.h"
#include "util/signals.h"
#include "web/pages.h"

namespace netchange {
namespace {

// The pages' newest changes are optional: without a ring buffer, counting goes on.
std::unique_ptr<EventStream> MakeStream() {
  auto stream = EventStream::Create();
  if (stream) return std::move(*stream);
  LogWarn("no event log", {{"reason", stream.error().message}});
  return nullptr;
}

int Serve(const Config& config) {
  EventLog log;
  std::unique_ptr<CollectorSet> collectors;
  const auto stream = MakeStream();  // destroyed before log and collectors, which its thread uses
  collectors = CollectorSet::Start(config, stream != nullptr, stream ? stream->ring_fd() : -1);
  if (stream) {
    const Status started = stream->Start([&](const event& e) {
      if (collectors->Takes(e)) log.Add(DescribeEvent(e, collectors->context()));
    });
    if (!started) LogWarn("no event log", {{"reason", started.error().message}});
  }
  const auto server = WebServer::Start(config.listen_addresses,
                                       MakeRoutes(config.telemetry_path, *collectors, log));
  if (!server) {
    LogError(server.error().message);
    return 1;
  }
  for (const std::string& address : config.listen_addresses)
    LogInfo("listening", {{"address", address}});
  while (!WaitForEnd(std::chrono::hours(1))) {
  }
  LogInfo("exiting");
  return 0;
}

int Run(int argc, char** argv) {
  const CommandLine line = ParseCommandLine(argc, argv);
  if (!line.command) {
    std::fputs(line.text.c_str(), line.status ? stderr : stdout);
    return line.status;
  }
  const Command& command = *line.command;
  SetUpLog(command.config.log_level, command.config.log_format);
  BlockSignals();
  switch (command.kind) {
    case Command::Kind::kWatch: return Watch(command.config, command.output);
    case Command::Kind::kCheck: return Check(command.config, command.output, command.with_events);
    case Command::Kind::kCheckConfig: std::puts("configuration OK"); return 0;
    case Command::Kind::kServe: return Serve(command.config);
  }
  return 1;
}

}  // namespace
}  // namespace netchange

int main(int argc, char** argv) {
  // One heap for all threads: each heap keeps the memory of the largest scrape that it served.
  mallopt(M_ARENA_MAX, 1);
  // The kernel may give a thread's stack a huge page, 2 MB.
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
  return netchange::Run(argc, argv);
}
