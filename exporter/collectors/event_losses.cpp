// SPDX-License-Identifier: Apache-2.0
#include "collectors/event_losses.h"

#include <algorithm>
#include <utility>

#include "bpf/abi/event.h"
#include "kernel/map_reader.h"
#include "util/log.h"
#include "util/text.h"

namespace netchange {
namespace {

constexpr char kMessage[] = "events lost: the event log was full";

}  // namespace

void EventLosses::Report(const BpfObject& object, std::uint64_t lost) {
  Reported& reported = reported_[object.name()];
  if (lost <= reported.total) return;
  std::uint64_t rest = lost - std::exchange(reported.total, lost);
  const auto losers = ReadMap<event_loser, event_losses>(object.MapFd("lost_events"));
  if (!losers) return LogWarn(kMessage, {{"reason", losers.error().message}});
  for (const auto& [loser, losses] : *losers) {
    if (loser.collector != static_cast<std::uint32_t>(object.id())) continue;
    std::uint64_t& before = reported.by_process[loser.pid];
    // The kernel side may have forgotten it meanwhile, and begun anew.
    const std::uint64_t more = std::min<std::uint64_t>(
        rest, losses.events >= before ? losses.events - before : losses.events);
    before = losses.events;
    if (!more) continue;
    rest -= more;
    LogWarn(kMessage, {{"collector", object.name()},
                       {"lost", std::to_string(more)},
                       {"process", PrintableText(losses.comm)},
                       {"pid", std::to_string(loser.pid)},
                       {"uid", std::to_string(losses.uid)}});
  }
  if (rest) LogWarn(kMessage, {{"collector", object.name()}, {"lost", std::to_string(rest)}});
}

}  // namespace netchange
