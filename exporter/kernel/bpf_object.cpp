// SPDX-License-Identifier: Apache-2.0
#include "kernel/bpf_object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "bpf/abi/cgroup.h"
#include "bpf/abi/event.h"

namespace netchange {
Result<Fd> CreateEventRing() {
  Fd ring(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "events", 0, 0, EVENT_RING_SIZE, nullptr));
  if (!ring) return SystemError("create the event ring buffer (needs root, or CAP_BPF)", errno);
  return ring;
}

Result<Fd> CreateCgroupMap() {
  Fd map(bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "cgroups", sizeof(cgroup_key), sizeof(cgroup_names),
                        CGROUPS, nullptr));
  if (!map) return SystemError("create the map of cgroups (needs root, or CAP_BPF)", errno);
  return map;
}

std::string LibbpfVersion() {
  return fmt::format("{}.{}", libbpf_major_version(), libbpf_minor_version());
}

object_settings SettingsOf(std::span<const ObjectOptions* const> users) {
  object_settings settings = users.front()->settings;
  for (collector_settings& none : settings.collectors) none = {};
  for (const ObjectOptions* user : users) {
    settings.collectors[user->id] = user->settings.collectors[user->id];
    settings.collectors[user->id].traced = 1;
  }
  return settings;
}

Status PrepareObject(ObjectFile& file, std::span<const ObjectOptions* const> users,
                     std::span<const ObjectMap> maps) {
  if (Status set = file.SetUp(SettingsOf(users), users.front()->shared); !set) return set;
  std::set<std::string> used;
  for (const ObjectOptions* user : users) {
    if (Status sized = file.SetMaxEntries(user->maps, user->settings.max_entries); !sized)
      return sized;
    for (const ObjectMap& map : user->maps) used.insert(map.name);
  }
  for (const ObjectMap& map : maps) {
    if (used.contains(map.name)) continue;
    if (Status omitted = file.Omit(map); !omitted) return omitted;
  }
  return {};
}

std::future<void> ReadContents(std::span<const ObjectOptions* const> users) {
  std::vector<MapContents> all;
  for (const ObjectOptions* user : users)
    all.insert(all.end(), user->contents.begin(), user->contents.end());
  return std::async([all = std::move(all)] {
    for (const MapContents& contents : all) contents.entries.wait();
  });
}

BpfObject::BpfObject(const ObjectOptions& options, std::shared_ptr<LoadedObject> object)
    : object_(std::move(object)),
      id_(options.id),
      name_(options.name),
      maps_(options.maps),
      max_entries_(options.settings.max_entries),
      settings_(options.settings),
      pins_(options.pins) {}

bool BpfObject::IsAttached(std::string_view hook) const {
  return std::any_of(hooks_.begin(), hooks_.end(),
                     [&](const HookState& h) { return h.backend && h.hook->name == hook; });
}

std::uint64_t BpfObject::SkippedEvents() const {
  std::uint64_t skipped = 0;
  for (const std::string& name : event_programs_) {
    bpf_prog_info info{};
    std::uint32_t size = sizeof(info);
    if (!bpf_obj_get_info_by_fd(ProgramFd(name), &info, &size)) skipped += info.recursion_misses;
  }
  return skipped;
}

std::vector<CountMap> BpfObject::CountMaps() const {
  std::vector<CountMap> maps;
  for (const ObjectMap& known : maps_) {
    if (Counts(known)) maps.push_back({known.name, known.holds, MapFd(known.name), max_entries_});
  }
  return maps;
}

}  // namespace netchange
