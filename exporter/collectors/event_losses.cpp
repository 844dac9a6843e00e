// SPDX-License-Identifier: Apache-2.0
#include "collectors/event_losses.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "bpf/abi/event.h"
#include "kernel/map_reader.h"
#include "util/log.h"
#include "util/text.h"

namespace netchange {
namespace {

constexpr char kMessage[] = "events lost: the event log was full";
constexpr std::size_t kNamed = 10;  // processes in one report; anybody can make many

struct Loser {
  std::uint64_t lost;  // since the last report
  std::uint32_t pid;
  event_losses all;
};

}  // namespace

void EventLosses::Report(const BpfObject& object, std::uint64_t lost) {
  Reported& reported = reported_[object.name()];
  if (lost <= reported.total) return;
  std::uint64_t rest = lost - std::exchange(reported.total, lost);
  const auto entries = ReadMap<event_loser, event_losses>(object.MapFd("lost_events"));
  if (!entries) return LogWarn(kMessage, {{"reason", entries.error().message}});
  std::vector<Loser> losers;
  const auto before = std::exchange(reported.by_process, {});
  for (const auto& [loser, losses] : *entries) {
    if (loser.collector != static_cast<std::uint32_t>(object.id())) continue;
    reported.by_process[loser.pid] = losses.events;
    const auto known = before.find(loser.pid);
    // The kernel side may have forgotten it meanwhile, and begun anew.
    const bool goes_on = known != before.end() && known->second <= losses.events;
    losers.push_back({losses.events - (goes_on ? known->second : 0), loser.pid, losses});
  }
  std::sort(losers.begin(), losers.end(),
            [](const Loser& a, const Loser& b) { return a.lost > b.lost; });
  losers.resize(std::min(losers.size(), kNamed));
  for (const Loser& loser : losers) {
    const std::uint64_t of_it = std::min(rest, loser.lost);
    if (!of_it) break;
    rest -= of_it;
    LogWarn(kMessage, {{"collector", object.name()},
                       {"lost", std::to_string(of_it)},
                       {"process", PrintableText(loser.all.comm)},
                       {"pid", std::to_string(loser.pid)},
                       {"uid", std::to_string(loser.all.uid)}});
  }
  if (rest) {
    LogWarn(kMessage,
            {{"collector", object.name()}, {"lost", std::to_string(rest)}, {"process", "others"}});
  }
}

}  // namespace netchange
