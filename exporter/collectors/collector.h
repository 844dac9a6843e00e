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

namespace netchange {

struct RunningCollector;
struct Scrape;

struct CollectorSpec {
  const char* name;
  const char* help;  // what it counts, for --help
  ObjectSource object;
  std::span<const Hook> hooks;
  /// Reads the maps at that moment, and adds the families. Only of a collector that is loaded.
  Status (*collect)(RunningCollector&, Scrape&);
  std::uint16_t event_kind;  // enum event_kind
  EventDescription (*describe)(const event&);
  std::span<const char* const> programs = {};  // loaded besides those of hooks
  /// For a collector that keeps more than its maps. `skip`: functions that are not to be observed.
  std::unique_ptr<CollectorState> (*start)(const BpfObject&,
                                           const std::set<std::string>& skip) = nullptr;
  /// What the backend `syscall` does not see, for `check`. docs/operations.md has the whole.
  const char* not_by_system_calls = "";
  /// What a map of the collector's own holds from the start; null for none.
  MapContents (*contents)() = nullptr;
};

/// In the order of collectors.def, which is that of their names.
std::span<const CollectorSpec* const> AllCollectors();

#define COLLECTOR(name, Stem) const CollectorSpec& Stem##Collector();
#include "collectors/collectors.def"
#undef COLLECTOR

}  // namespace netchange
