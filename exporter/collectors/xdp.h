// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "bpf/abi/counter.h"
#include "bpf/abi/xdp.h"
#include "collectors/xdp_attached.h"
#include "kernel/map_reader.h"
#include "metrics/family_set.h"
#include "metrics/render_context.h"

namespace netchange {

/// Adds the families of these entries, including families without samples.
void RenderXdp(const Entries<xdp_key, counter>& changes, const RenderContext& context,
               FamilySet& out);
/// The same for the programs that are attached now.
void RenderXdpAttached(const std::vector<AttachedProgram>& attached, const RenderContext& context,
                       FamilySet& out);

}  // namespace netchange
