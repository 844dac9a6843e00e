// SPDX-License-Identifier: Apache-2.0
// What a collector is: a table. Its file fills one in; collectors.def names it.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>

#include "bpf/abi/event.h"
#include "collectors/collector_state.h"
#include "collectors/event_description.h"
#include "kernel/bpf_object.h"
#include "kernel/map_contents.h"
#include "kernel/system_calls.h"

namespace netchange {

struct RunningCollector;
struct Scrape;
struct RenderContext;

/// Which filters of the configuration apply.
enum class Filters {
  kDevices,       // `devices`
  kConfigWrites,  // `devices`, and those of configuration writes: `write_devices`, `write_settings`
};

/// Device and namespace of an event, as labels name them.
struct EventDevice {
  std::string device;
  std::string netns;
};
/// Those that the kernel side has put into the event.
EventDevice DeviceOfEvent(const event& e, const RenderContext& context);

/// Its number is its place in AllCollectors(): enum collector.
struct CollectorSpec {
  const char* name = "";
  const char* help = "";  // what it counts, for --help
  ObjectSource object = {};
  std::span<const Hook> hooks = {};
  std::span<const SyscallHook> system_calls = {};  // where no hook that sees events can be attached
  std::span<const ObjectMap> maps = {};
  Filters filters = Filters::kDevices;
  /// Reads the maps at that moment, and adds the families. Only of a collector that is loaded.
  Status (*collect)(RunningCollector&, Scrape&) = nullptr;
  EventDescription (*describe)(const event&) = nullptr;
  EventDevice (*device)(const event&, const RenderContext&) = DeviceOfEvent;
  std::span<const char* const> programs = {};  // loaded besides those of hooks
  /// For a collector that keeps more than its maps. `skip`: functions that are not to be observed.
  std::unique_ptr<CollectorState> (*start)(const BpfObject&,
                                           const std::set<std::string>& skip) = nullptr;
  /// What the backend `syscall` does not see, for `check`. docs/operations.md has the whole.
  const char* syscall_limits = "";
  /// What a map of the collector's own holds from the start; null for none.
  MapContents (*contents)() = nullptr;
};

/// In the order of collectors.def, which is that of their names, and of enum collector.
std::span<const CollectorSpec* const> AllCollectors();

#define COLLECTOR(name, NAME, Stem) const CollectorSpec& Stem##Collector();
#include "bpf/abi/collectors.def"
#undef COLLECTOR

}  // namespace netchange
