// SPDX-License-Identifier: Apache-2.0
#include "collectors/self_metrics.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>

#include "kernel/clock.h"
#include "kernel/map_upkeep.h"
#include "metrics/process_metrics.h"
#include "version.h"

namespace netchange {
namespace {

void AddProbes(const std::string& collector, const std::vector<ProbeState>& probes,
               FamilySet& out) {
  // Several if a function refused the better one.
  std::set<std::string> backends;
  for (const ProbeState& probe : probes) {
    if (probe.backend) backends.emplace(NameOf(*probe.backend));
  }
  for (const std::string& backend : backends) {
    out.AddGauge("netchange_collector_backend_info", "1 for each backend that the collector uses.",
                 {{"collector", collector}, {"backend", backend}}, 1);
  }
  const auto attached = std::count_if(probes.begin(), probes.end(), [](const ProbeState& probe) {
    return probe.backend.has_value();
  });
  const auto add = [&](const char* state, std::ptrdiff_t count) {
    out.AddGauge("netchange_probes",
                 "Hooks on kernel functions and system calls. The start page names them.",
                 {{"collector", collector}, {"state", state}}, static_cast<double>(count));
  };
  add("attached", attached);
  add("missing", std::ssize(probes) - attached);
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
  FamilySet& out = scrape.out.own();
  const std::string name = collector.spec->name;
  out.AddGauge("netchange_collector_up", "1 if the collector traces its events, 0 if it is blind.",
               {{"collector", name}}, collector.object ? 1 : 0);
  out.AddGauge("netchange_scrape_collector_duration_seconds",
               "Time to read the collector's maps in this scrape.", {{"collector", name}},
               result.seconds);
  out.AddGauge("netchange_scrape_collector_success", "1 if this scrape read the collector's maps.",
               {{"collector", name}}, result.success ? 1 : 0);
  out.AddGauge("netchange_series", "Series of the collector's events on this page.",
               {{"collector", name}}, static_cast<double>(result.series));
  if (!collector.object) return;
  out.AddGauge("netchange_exporter_counting_since_timestamp_seconds",
               "Unix time since when the collector counts.", {{"collector", name}},
               scrape.context.clock.UnixSeconds(collector.counting_since_ns));
  AddProbes(name, ProbesOf(collector), out);
  AddMaps(*collector.object, scrape, out);
  AddLosses(name, *collector.object, out);
}

void AddExporterMetrics(FamilySet& out) {
  out.AddGauge("netchange_exporter_build_info",
               "1, labelled with the versions of exporter and libbpf.",
               {{"version", kVersion}, {"revision", kRevision}, {"libbpf", LibbpfVersion()}}, 1);
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  out.AddGauge("netchange_exporter_time_seconds", "Unix time of this host's clock at the scrape.",
               {}, now.count());
  AddProcessMetrics(out);
}

}  // namespace netchange
