// SPDX-License-Identifier: Apache-2.0
#include "kernel/series_expiry.h"

#include <bpf/bpf.h>
#include <net/if.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <tuple>

#include "bpf/abi/counter.h"
#include "kernel/map_reader.h"
#include "util/text.h"

namespace netchange {
namespace {

using Bytes = std::vector<std::uint8_t>;

struct Entry {
  Bytes key;
  device_ref device;
  counter value;  // the beginning of the value
};

std::string NameOf(const device_ref& device) { return std::string(TextIn(device.name)); }

auto IdOf(const device_ref& device) {
  return std::tuple(device.netns, device.netns_cookie, NameOf(device));
}
using Id = decltype(IdOf({}));

std::vector<Entry> ReadEntries(int fd) {
  bpf_map_info info{};
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(fd, &info, &size)) return {};
  const auto raw = internal::ReadRawMap(fd, info.key_size, info.value_size);
  if (!raw) return {};  // the scrape logged the reason
  std::vector<Entry> entries(raw->count);
  for (std::size_t i = 0; i < raw->count; ++i) {
    const std::uint8_t* key = &raw->keys[i * info.key_size];
    entries[i].key.assign(key, key + info.key_size);
    std::memcpy(&entries[i].device, key, sizeof(device_ref));
    std::memcpy(&entries[i].value, &raw->values[i * info.value_size], sizeof(counter));
  }
  return entries;
}

// An event may arrive between reading and deleting. Before Linux 5.14 this goes unnoticed; the
// window is some microseconds.
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

ExpirySweep ExpireEntries(std::span<const ExpiringMap> maps, std::uint64_t before_ns,
                          const std::function<bool(const device_ref&)>& deleted,
                          std::set<NetnsId>& in_use) {
  ExpirySweep sweep;
  std::set<Id> kept;
  for (const bool with_time : {true, false}) {
    for (const ExpiringMap& map : maps) {
      if (map.has_time != with_time) continue;
      for (const Entry& entry : ReadEntries(map.fd)) {
        const bool old =
            with_time ? entry.value.last_ns < before_ns : !kept.contains(IdOf(entry.device));
        if (old && deleted(entry.device)) {
          sweep.lost += Remove(map, entry);
          ++sweep.removed;
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
