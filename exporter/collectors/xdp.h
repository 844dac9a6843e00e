// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bpf/abi/counter.h"
#include "bpf/abi/xdp.h"
#include "collectors/xdp_attached.h"
#include "metrics/label_schema.h"

namespace netchange {

/// What the entries of `xdp_changes` look like on the page.
const Schema<xdp_key, counter>& XdpSchema();

/// The value of an attached program: there is none.
struct NoValue {};
/// The same for the programs that are attached now.
const Schema<AttachedProgram, NoValue>& XdpAttachedSchema();

}  // namespace netchange
