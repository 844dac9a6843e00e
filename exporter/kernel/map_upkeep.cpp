// SPDX-License-Identifier: Apache-2.0
#include "kernel/map_upkeep.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <string>
#include <vector>

#include "bpf/abi/inflight.h"
#include "kernel/proc.h"
#include "kernel/series_expiry.h"

namespace netchange {
namespace {

constexpr char kSystemCallMap[] = "system_calls";  // in flight, of all collectors

// Deletes the records of tasks that have exited, and returns how many. The walk may miss a call
// that is added meanwhile, and may end at one that is deleted. The next scrape walks again.
std::uint64_t SweepCalls(int map) {
  inflight_key call{};
  std::vector<inflight_key> left_behind;
  for (bool first = true; !bpf_map_get_next_key(map, first ? nullptr : &call, &call);
       first = false) {
    if (!TaskExists(call.task)) left_behind.push_back(call);
  }
  std::uint64_t deleted = 0;
  for (const inflight_key& missed : left_behind) deleted += bpf_map_delete_elem(map, &missed) == 0;
  return deleted;
}

ExpiringMap Expiring(const CountMap& map) {
  return {
      .fd = map.fd,
      .has_time = map.holds != Holds::kHistogram,
      .counts = map.holds == Holds::kCounter || map.holds == Holds::kEthtoolCounters ||
                map.holds == Holds::kConfigWriteCounters,
  };
}

}  // namespace

void SweepInflight(BpfObject& object) {
  if (!ProcShowsAllTasks()) return;
  for (const ObjectMap& map : object.maps()) {
    if (map.holds == Holds::kCalls) object.CountLost(SweepCalls(object.MapFd(map.name)));
  }
  if (object.TracesSystemCalls()) SweepCalls(object.MapFd(kSystemCallMap));
}

std::uint64_t DeleteExpired(BpfObject& object, std::uint64_t before_ns,
                            const std::function<bool(const device_ref&)>& deleted,
                            std::set<NetnsId>& in_use) {
  std::vector<ExpiringMap> maps;
  for (const CountMap& map : object.CountMaps()) maps.push_back(Expiring(map));
  const ExpirySweep sweep = ExpireEntries(maps, before_ns, deleted, in_use);
  object.CountLost(sweep.lost);
  return sweep.removed;
}

Result<collector_statistics> ReadStatistics(const BpfObject& object) {
  const std::uint32_t zero = 0;
  object_statistics all{};
  if (bpf_map_lookup_elem(object.MapFd(STATISTICS_SECTION), &zero, &all))
    return SystemError("read " STATISTICS_SECTION, errno);
  collector_statistics statistics = all.collectors[object.id()];
  statistics.lost_updates += object.lost() + object.SkippedEvents();
  return statistics;
}

}  // namespace netchange
