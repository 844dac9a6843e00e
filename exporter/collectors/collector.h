// SPDX-License-Identifier: Apache-2.0
// What a collector is: a table. Its file fills one in; collectors.def names it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bpf/abi/event.h"
#include "kernel/bpf_object.h"
#include "kernel/clock.h"
#include "kernel/combined_filter.h"
#include "kernel/irq_devices.h"
#include "kernel/map_reader.h"
#include "kernel/netns.h"
#include "metrics/label_schema.h"
#include "util/text.h"

namespace netchange {

/// What turning a key or a value into text and numbers needs to know.
struct RenderContext {
  const KernelClock& clock;
  NetnsNames& netns;
  IrqDevices& irqs;
};

/// What a collector keeps from its start to its end, besides its BPF object; it ends before that.
class CollectorState {
 public:
  virtual ~CollectorState() = default;
  /// Functions that are observed without a hook of the table. Thread-safe.
  [[nodiscard]] virtual std::vector<ProbeState> Probes() const = 0;
};

/// One scrape under way.
struct Scrape {
  RenderContext context;
  FamilySet& out;
  std::map<std::string, std::size_t> map_entries;  // by map, as read for this scrape
  std::uint64_t lost_updates = 0;                  // that the collector itself found no room for
  // Of the collector that is asked. `devices`: what its kernel side filters by, for what is not
  // read from it.
  const CombinedFilter* devices = nullptr;
  CollectorState* state = nullptr;
};

/// An event in words. All texts are printable.
struct EventDescription {
  std::string what;  // "ETHTOOL_GMODULEEEPROM -m", "xdp attach native", "net.ipv4.conf.*.rp_filter"
  std::string change;  // "0 → 1", "none → pass#12"; may be empty
  std::vector<std::pair<std::string, std::string>> fields;  // the same one by one, for programs
  std::string message = {};  // what the kernel said to the caller; may be empty
};

struct CollectorSpec {
  const char* name;
  const char* help;  // what it counts, for --help
  ObjectSource object;
  std::span<const Hook> hooks;
  /// Reads the maps at that moment, and adds the families.
  Status (*collect)(const BpfObject&, Scrape&);
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

/// The entries of a count map.
template <class Key, class Value>
Result<std::vector<std::pair<Key, Value>>> ReadCounts(const BpfObject& object,
                                                      const std::string& map, Scrape& scrape) {
  auto entries = ReadMap<Key, Value>(object.MapFd(map.c_str()));
  if (!entries) return entries;
  scrape.map_entries[map] = entries->size();
  return entries;
}

}  // namespace netchange
