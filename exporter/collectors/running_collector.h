// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "collectors/collector.h"
#include "collectors/collector_state.h"
#include "kernel/bpf_object.h"
#include "kernel/combined_filter.h"

namespace netchange {

/// A collector that is enabled: with its programs attached, or with the reason why it is blind.
struct RunningCollector {
  const CollectorSpec* spec;
  Result<BpfObject> object;
  CombinedFilter devices = {};                      // the filter of its kernel side
  std::unique_ptr<CollectorState> state = nullptr;  // null if it has none
};

}  // namespace netchange
