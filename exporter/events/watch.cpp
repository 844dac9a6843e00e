// SPDX-License-Identifier: Apache-2.0
#include "events/watch.h"

#include <chrono>
#include <cstdio>

#include "collectors/collector_set.h"
#include "events/event_stream.h"
#include "events/formats.h"
#include "util/log.h"
#include "util/signals.h"

namespace netchange {
namespace {

constexpr std::chrono::seconds kLossReport{1};

bool Print(const std::string& line) {
  return std::puts(line.c_str()) >= 0 && std::fflush(stdout) == 0;
}

}  // namespace

int Watch(const Config& config, OutputFormat output) {
  auto stream = EventStream::Create();
  if (!stream) {
    LogError("nothing to watch", {{"reason", stream.error().message}});
    return 1;
  }
  const auto collectors = CollectorSet::Start(config, true, (*stream)->ring_fd());
  if (collectors->Working() == 0) {
    LogError("nothing to watch: all collectors are blind; run netchange_exporter check");
    return 1;
  }
  if (output == OutputFormat::kText) Print(TextHeader());
  const Status started = (*stream)->Start([&](const event& e) {
    if (!collectors->Takes(e)) return;
    const Change change = DescribeEvent(e, collectors->context());
    if (!Print(output == OutputFormat::kText ? TextLine(change) : JsonLine(change))) RequestEnd();
  });
  if (!started) {
    LogError("nothing to watch", {{"reason", started.error().message}});
    return 1;
  }
  while (!WaitForEnd(kLossReport)) collectors->ReportLostEvents();
  collectors->ReportLostEvents();
  stream->reset();  // the thread uses objects that are destroyed below
  return 0;
}

}  // namespace netchange
