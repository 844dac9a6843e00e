// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "metrics/family_set.h"

namespace netchange {

/// The standard process_* metrics of this process, from /proc/self. What cannot be read is left
/// out.
void AddProcessMetrics(FamilySet& out);

}  // namespace netchange
