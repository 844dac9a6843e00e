// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "kernel/hook_plan.h"

namespace netchange {

/// What a collector keeps from its start to its end, besides its BPF object; it ends before that.
class CollectorState {
 public:
  virtual ~CollectorState() = default;
  /// Functions that are traced without a hook of the table. Thread-safe.
  [[nodiscard]] virtual std::vector<ProbeState> Probes() const = 0;
};

}  // namespace netchange
