// SPDX-License-Identifier: Apache-2.0
// From entries of maps to families, without a kernel: what the collectors do at a scrape, and tests
// do with entries of their own. Each adds its families to `out`, also those without a sample.
#pragma once

#include <utility>
#include <vector>

#include "bpf/abi/config_write.h"
#include "bpf/abi/counter.h"
#include "bpf/abi/duration.h"
#include "bpf/abi/ethtool.h"
#include "bpf/abi/xdp.h"
#include "collectors/collector.h"

namespace netchange {

template <class Key, class Value>
using Entries = std::vector<std::pair<Key, Value>>;

/// An XDP program that is attached.
struct AttachedProgram {
  device_ref device;
  xdp_program program;
  std::uint8_t mode;  // enum xdp_mode_id
};

void RenderEthtool(const Entries<ethtool_key, counter>& commands,
                   const Entries<ethtool_duration_key, duration_histogram>& durations,
                   const RenderContext& context, FamilySet& out);
void RenderXdp(const Entries<xdp_key, counter>& changes, const RenderContext& context,
               FamilySet& out);
void RenderXdpAttached(const std::vector<AttachedProgram>& attached, const RenderContext& context,
                       FamilySet& out);
void RenderConfigWrites(const Entries<config_write_key, config_write_counters>& writes,
                        const Entries<config_value_key, config_value>& values,
                        const RenderContext& context, FamilySet& out);

}  // namespace netchange
