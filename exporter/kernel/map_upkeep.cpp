// SPDX-License-Identifier: Apache-2.0
#include "kernel/map_upkeep.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "bpf/abi/config_write.h"
#include "bpf/abi/ethtool.h"
#include "bpf/abi/inflight.h"
#include "bpf/abi/xdp.h"
#include "kernel/proc.h"

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

template <class T>
T ReadAs(const std::uint8_t* bytes) {
  T value{};
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

// Whether an unprivileged actor made an entry, by the type of its key.
template <class Key>
bool ByActor(const std::uint8_t* key, const std::uint8_t*) {
  return ReadAs<Key>(key).actor.unprivileged != 0;
}
bool OfDurations(const std::uint8_t* key, const std::uint8_t*) {
  return ReadAs<ethtool_duration_key>(key).unprivileged != 0;
}
bool OfValues(const std::uint8_t*, const std::uint8_t* value) {
  return ReadAs<config_value>(value).unprivileged != 0;
}

ExpiringMap Expiring(const CountMap& map) {
  ExpiringMap expiring{map.fd, true, true, map.capacity, nullptr};
  switch (map.holds) {
    case Holds::kEthtoolCounters: expiring.unprivileged = ByActor<ethtool_key>; break;
    case Holds::kConfigWriteCounters: expiring.unprivileged = ByActor<config_write_key>; break;
    case Holds::kConfigValue:
      expiring.unprivileged = OfValues;
      expiring.counts = false;
      break;
    case Holds::kHistogram:
      expiring.unprivileged = OfDurations;
      expiring.has_time = expiring.counts = false;
      break;
    default: expiring.unprivileged = ByActor<xdp_key>; break;
  }
  return expiring;
}

// BPF compares the sum with the entries that it created.
void AddDeletions(BpfObject& object, const std::vector<map_usage>& deleted) {
  const std::uint32_t zero = 0;
  const int fd = object.MapFd(DELETIONS_SECTION);
  object_deletions all{};
  if (bpf_map_lookup_elem(fd, &zero, &all)) return;
  for (std::size_t map = 0; map < deleted.size(); ++map) {
    map_usage& sum = all.collectors[object.id()][map];
    sum.entries += deleted[map].entries;
    sum.unprivileged += deleted[map].unprivileged;
  }
  bpf_map_update_elem(fd, &zero, &all, BPF_ANY);
}

}  // namespace

void SweepInflight(BpfObject& object) {
  static std::atomic<bool> shows_all = false;  // stays true; false may be a lack of descriptors
  if (!shows_all) shows_all = ProcShowsAllTasks();
  if (!shows_all) return;
  for (const ObjectMap& map : object.maps()) {
    if (map.holds == Holds::kCalls) object.CountLost(SweepCalls(object.MapFd(map.name)));
  }
  if (object.TracesSystemCalls()) SweepCalls(object.MapFd(kSystemCallMap));
}

std::uint64_t DeleteExpired(BpfObject& object, const ExpiryRules& rules,
                            std::set<NetnsId>& in_use) {
  std::vector<ExpiringMap> maps;
  for (const CountMap& map : object.CountMaps()) maps.push_back(Expiring(map));
  const ExpirySweep sweep = ExpireEntries(maps, rules, in_use);
  object.CountLost(sweep.lost);
  AddDeletions(object, sweep.deleted);
  return sweep.removed();
}

void NoteAddedEntry(BpfObject& object) {
  AddDeletions(object, {{static_cast<std::uint64_t>(-1), 0}});
}

bool NeedsExpiry(const BpfObject& object, const std::map<std::string, std::size_t>& entries) {
  const auto maps = object.CountMaps();
  return std::any_of(maps.begin(), maps.end(), [&](const CountMap& map) {
    const auto found = entries.find(map.name);
    return found != entries.end() && IsNearlyFull(found->second, map.capacity);
  });
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
