// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bpf/abi/duration.h"
#include "bpf/abi/ethtool.h"
#include "kernel/map_reader.h"
#include "metrics/family_set.h"
#include "metrics/render_context.h"

namespace netchange {

/// Adds the families of these entries, including families without samples.
void RenderEthtool(const Entries<ethtool_key, ethtool_counters>& commands,
                   const Entries<ethtool_duration_key, duration_histogram>& durations,
                   const RenderContext& context, FamilySet& out);

}  // namespace netchange
