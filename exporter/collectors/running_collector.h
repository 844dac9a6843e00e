// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "collectors/collector.h"
#include "collectors/collector_state.h"
#include "kernel/bpf_object.h"
#include "kernel/combined_filter.h"
#include "kernel/netns_filter.h"

namespace netchange {

/// A collector that is enabled: with its programs attached, or with the reason why it is blind.
struct RunningCollector {
  const CollectorSpec* spec;
  Result<BpfObject> object;
  CombinedFilter devices = {};  // the filter of its kernel side
  NetnsFilter namespaces = {};
  std::unique_ptr<CollectorState> state = nullptr;  // null if it has none
  std::uint64_t counting_since_ns = 0;              // CLOCK_BOOTTIME
};

/// State of each hook, those of drivers' functions included. Empty if the collector is blind.
inline std::vector<ProbeState> ProbesOf(const RunningCollector& collector) {
  if (!collector.object) return {};
  std::vector<ProbeState> probes = collector.object->probes();
  if (collector.state) {
    for (ProbeState& probe : collector.state->Probes()) probes.push_back(std::move(probe));
  }
  return probes;
}

}  // namespace netchange
