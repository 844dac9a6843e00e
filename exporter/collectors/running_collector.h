// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "collectors/collector.h"
#include "collectors/collector_state.h"
#include "kernel/bpf_object.h"
#include "kernel/combined_filter.h"

namespace netchange {

/// A collector that was asked for: with its programs attached, or with the reason why there are
/// none.
struct RunningCollector {
  const CollectorSpec* spec;
  Result<BpfObject> object;
  CombinedFilter devices = {};                      // what its kernel side filters by
  std::unique_ptr<CollectorState> state = nullptr;  // of those that have one
};

}  // namespace netchange
