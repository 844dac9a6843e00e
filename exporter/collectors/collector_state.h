// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "kernel/hook_plan.h"

namespace netchange {

/// State of a collector besides its BPF object; destroyed before the object.
class CollectorState {
 public:
  virtual ~CollectorState() = default;
  /// Functions that are traced without a hook in the table. Thread-safe.
  [[nodiscard]] virtual std::vector<ProbeState> Probes() const = 0;
};

}  // namespace netchange
