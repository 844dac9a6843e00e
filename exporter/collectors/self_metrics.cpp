// SPDX-License-Identifier: Apache-2.0
#include "collectors/self_metrics.h"

#include <set>

#include "kernel/map_upkeep.h"
#include "metrics/process_metrics.h"
#include "version.h"

namespace netchange {
namespace {

// The backends in use: more than one where a function refused the better one.
std::set<std::string> BackendsOf(const BpfObject& object, const std::vector<ProbeState>& others) {
  std::set<std::string> backends;
  for (const HookState& state : object.hooks()) {
    if (state.backend) backends.emplace(NameOf(*state.backend));
  }
  for (const ProbeState& probe : others) {
    if (probe.reason.empty()) backends.emplace(NameOf(probe.backend));
  }
  return backends;
}

void AddProbes(const std::string& collector, const BpfObject& object,
               const std::vector<ProbeState>& others, FamilySet& out) {
  const auto add = [&](const std::string& function, bool attached) {
    out.AddGauge("netchange_probe_attached",
                 "1 if the hook on this kernel function or system call is attached.",
                 {{"collector", collector}, {"probe", function}}, attached ? 1 : 0);
  };
  for (const std::string& backend : BackendsOf(object, others)) {
    out.AddGauge("netchange_collector_backend_info", "1 for each backend that the collector uses.",
                 {{"collector", collector}, {"backend", backend}}, 1);
  }
  for (const HookState& state : object.hooks()) add(state.function(), state.backend.has_value());
  for (const ProbeState& probe : others) add(probe.function, probe.reason.empty());
}

void AddMaps(const BpfObject& object, const Scrape& scrape, FamilySet& out) {
  for (const CountMap& map : object.CountMaps()) {
    const auto entries = scrape.map_entries.find(map.name);
    if (entries == scrape.map_entries.end()) continue;
    out.AddGauge("netchange_map_entries", "Entries in use in the BPF map.", {{"map", map.name}},
                 static_cast<double>(entries->second));
    out.AddGauge("netchange_map_capacity", "Maximum number of entries of the BPF map.",
                 {{"map", map.name}}, map.capacity);
  }
}

void AddLosses(const std::string& collector, const BpfObject& object, FamilySet& out) {
  const auto statistics = ReadStatistics(object);
  if (!statistics) return;
  out.AddCounter("netchange_lost_updates_total",
                 "Events without a count, because a map was full or an exit was missed.",
                 {{"collector", collector}}, static_cast<double>(statistics->lost_updates));
}

}  // namespace

void AddCollectorMetrics(const RunningCollector& collector, const ScrapeResult& result,
                         Scrape& scrape) {
  FamilySet& out = scrape.out;
  const std::string name = collector.spec->name;
  out.AddGauge("netchange_collector_up", "1 if the collector traces its events, 0 if it is blind.",
               {{"collector", name}}, collector.object ? 1 : 0);
  out.AddGauge("netchange_scrape_collector_duration_seconds",
               "Time to read the collector's maps in this scrape.", {{"collector", name}},
               result.seconds);
  out.AddGauge("netchange_scrape_collector_success", "1 if this scrape read the collector's maps.",
               {{"collector", name}}, result.success ? 1 : 0);
  if (!collector.object) return;
  AddProbes(name, *collector.object,
            collector.state ? collector.state->Probes() : std::vector<ProbeState>(), out);
  AddMaps(*collector.object, scrape, out);
  AddLosses(name, *collector.object, out);
}

void AddExporterMetrics(FamilySet& out) {
  out.AddGauge("netchange_exporter_build_info",
               "1, labelled with the versions of exporter and libbpf.",
               {{"version", kVersion}, {"revision", kRevision}, {"libbpf", LibbpfVersion()}}, 1);
  AddProcessMetrics(out);
}

}  // namespace netchange
