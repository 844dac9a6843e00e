// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "metrics/family_set.h"

namespace netchange {

/// The standard process_* metrics of this process, from /proc/self. Omits values that cannot be
/// read.
void AddProcessMetrics(FamilySet& out);

}  // namespace netchange
