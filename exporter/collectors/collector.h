// SPDX-License-Identifier: Apache-2.0
// A collector is a table. Its file fills one in; collectors.def names it.
#pragma once

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

/// Filters of the configuration that apply to the collector.
enum class Filters {
  kDevices,       // `devices`
  kConfigWrites,  // `devices`, `write_devices` and `write_settings`
};

/// The device and namespace that the kernel side stored in the event.
EventDevice DeviceOfEvent(const event& e, const RenderContext& context);

/// The id of a collector is its index in AllCollectors(): enum collector.
struct CollectorSpec {
  const char* name = "";
  const char* help = "";  // the events it counts, for --help
  std::span<const Hook> hooks = {};
  /// Traced if no hook that counts events can be attached. Empty: the collector is blind then.
  std::span<const SyscallHook> system_calls = {};
  std::span<const ObjectMap> maps = {};
  Filters filters = Filters::kDevices;
  /// Reads the maps and adds their families. Called only if the object is loaded.
  Status (*collect)(RunningCollector&, Scrape&) = nullptr;
  EventDescription (*describe)(const event&) = nullptr;
  EventDevice (*device)(const event&, const RenderContext&) = DeviceOfEvent;
  std::span<const char* const> programs = {};  // loaded in addition to the programs of hooks
  /// Creates the state of a collector that needs more than its maps; null if it needs none. `skip`:
  /// functions that must not be hooked.
  std::unique_ptr<CollectorState> (*start)(const BpfObject&,
                                           const std::set<std::string>& skip) = nullptr;
  /// Limitations of the backend `syscall`, for `check`. docs/operations.md has the full list.
  const char* syscall_limits = "";
  /// Initial contents of a map of the collector's own; null for none.
  MapContents (*contents)() = nullptr;
};

/// All collectors, in the order of collectors.def (sorted by name) and of enum collector.
std::span<const CollectorSpec* const> AllCollectors();

#define COLLECTOR(name, NAME, Stem) const CollectorSpec& Stem##Collector();
#include "bpf/abi/collectors.def"
#undef COLLECTOR

}  // namespace netchange
