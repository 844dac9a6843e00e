// SPDX-License-Identifier: Apache-2.0
#include "kernel/series_expiry.h"

#include <bpf/bpf.h>
#include <net/if.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>
#include <tuple>

#include "bpf/abi/counter.h"
#include "kernel/map_reader.h"
#include "kernel/netns_cookie.h"
#include "util/text.h"

namespace netchange {
namespace {

using Bytes = std::vector<std::uint8_t>;

struct Entry {
  Bytes key;
  device_ref device;
  counter value;  // the beginning of the value
  bool unprivileged;
};

std::string NameOf(const device_ref& device) { return std::string(TextIn(device.name)); }

auto IdOf(const device_ref& device) {
  return std::tuple(device.netns, device.netns_cookie, NameOf(device));
}
using Id = decltype(IdOf({}));

// The oldest first.
std::vector<Entry> ReadEntries(const ExpiringMap& map) {
  bpf_map_info info{};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(map.fd, &info, &size)) return {};
  const auto raw = internal::ReadRawMap(map.fd, info.key_size, info.value_size);
  if (!raw) return {};  // the scrape logged the reason
  std::vector<Entry> entries(raw->count);
  for (std::size_t i = 0; i < raw->count; ++i) {
    const std::uint8_t* key = &raw->keys[i * info.key_size];
    const std::uint8_t* value = &raw->values[i * info.value_size];
    entries[i].key.assign(key, key + info.key_size);
    std::memcpy(&entries[i].device, key, sizeof(device_ref));
    std::memcpy(&entries[i].value, value, sizeof(counter));
    entries[i].unprivileged = map.unprivileged(key, value);
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.value.last_ns < b.value.last_ns; });
  return entries;
}

// What is left of a map during a sweep.
struct Left {
  std::uint32_t capacity;
  map_usage usage;

  [[nodiscard]] bool IsNearlyFull() const {
    return netchange::IsNearlyFull(usage.entries, capacity);
  }
  [[nodiscard]] bool HasTooManyUnprivileged() const { return usage.unprivileged > capacity / 8; }
  void Remove(const Entry& entry, map_usage& deleted) {
    --usage.entries;
    ++deleted.entries;
    if (!entry.unprivileged) return;
    --usage.unprivileged;
    ++deleted.unprivileged;
  }
};

Left CountOf(const std::vector<Entry>& entries, const ExpiringMap& map) {
  const auto theirs = std::count_if(entries.begin(), entries.end(),
                                    [](const Entry& entry) { return entry.unprivileged; });
  return {map.capacity, {entries.size(), static_cast<std::uint64_t>(theirs)}};
}

// Returns the events between reading and deleting. Before Linux 5.14 they go unnoticed.
std::uint64_t Remove(const ExpiringMap& map, const Entry& entry) {
  constexpr std::size_t kLargestValue = 256;
  std::uint8_t value[kLargestValue] = {};
  if (bpf_map_lookup_and_delete_elem(map.fd, entry.key.data(), value)) {
    bpf_map_delete_elem(map.fd, entry.key.data());
    return 0;
  }
  counter last{};
  std::memcpy(&last, value, sizeof(last));
  return map.counts ? last.count - entry.value.count : 0;
}

// False for names that are not a single device.
bool NamesADevice(const device_ref& device) {
  const std::string name = NameOf(device);
  return !name.empty() && name != "*" && name != "all" && name != "default";
}

std::set<std::string> DeviceNames() {
  std::set<std::string> names;
  const std::unique_ptr<struct if_nameindex, decltype(&if_freenameindex)> all(if_nameindex(),
                                                                              if_freenameindex);
  for (auto* at = all.get(); at && at->if_index; ++at) names.insert(at->if_name);
  return names;
}

}  // namespace

LiveDevices::LiveDevices(std::vector<LiveNetns> namespaces) {
  for (LiveNetns& netns : namespaces) live_.emplace(netns.inode, std::move(netns));
}

const LiveDevices::Namespace& LiveDevices::Read(const LiveNetns& netns) {
  const auto [at, is_new] = read_.try_emplace(netns.inode);
  if (is_new) {
    const Status entered = RunInNetns(netns, [&into = at->second] {
      into.cookie = OwnNetnsCookie();
      into.devices = DeviceNames();
      into.readable = !into.devices.empty();  // every namespace has lo
    });
    if (!entered) at->second.readable = false;
  }
  return at->second;
}

bool LiveDevices::IsDeleted(const device_ref& device) {
  if (device.netns == 0 || device.netns == NETNS_MACHINE) return false;
  const auto live = live_.find(device.netns);
  if (live == live_.end()) return true;
  const Namespace& netns = Read(live->second);
  if (!netns.readable) return false;
  if (netns.cookie && device.netns_cookie && netns.cookie != device.netns_cookie)
    return true;  // another namespace reuses the inode number
  return NamesADevice(device) && !netns.devices.contains(NameOf(device));
}

bool IsNearlyFull(std::uint64_t entries, std::uint32_t capacity) {
  return entries > std::uint64_t{capacity} / 4 * 3;
}

std::uint64_t ExpirySweep::removed() const {
  return std::accumulate(
      deleted.begin(), deleted.end(), std::uint64_t{0},
      [](std::uint64_t sum, const map_usage& usage) { return sum + usage.entries; });
}

ExpirySweep ExpireEntries(std::span<const ExpiringMap> maps, const ExpiryRules& rules,
                          std::set<NetnsId>& in_use) {
  ExpirySweep sweep;
  sweep.deleted.resize(maps.size());
  std::set<Id> kept;
  for (const bool with_time : {true, false}) {
    for (std::size_t i = 0; i < maps.size(); ++i) {
      if (maps[i].has_time != with_time) continue;
      const auto entries = ReadEntries(maps[i]);
      Left left = CountOf(entries, maps[i]);
      for (const Entry& entry : entries) {
        const bool old =
            with_time ? entry.value.last_ns < rules.before_ns : !kept.contains(IdOf(entry.device));
        const bool unwanted = rules.unwanted(entry.device);
        const bool expires = unwanted ||
                             ((old || left.IsNearlyFull()) && rules.deleted(entry.device)) ||
                             (old && entry.unprivileged && left.HasTooManyUnprivileged());
        if (expires) {
          const std::uint64_t since = Remove(maps[i], entry);
          if (!unwanted) sweep.lost += since;
          left.Remove(entry, sweep.deleted[i]);
          continue;
        }
        kept.insert(IdOf(entry.device));
        in_use.emplace(entry.device.netns, entry.device.netns_cookie);
      }
    }
  }
  return sweep;
}

}  // namespace netchange
