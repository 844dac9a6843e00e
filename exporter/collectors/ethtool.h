// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bpf/abi/duration.h"
#include "bpf/abi/ethtool.h"
#include "metrics/label_schema.h"

namespace netchange {

/// What the entries of `ethtool_commands` and `ethtool_durations` look like on the page.
const Schema<ethtool_key, ethtool_counters>& EthtoolSchema();
const Schema<ethtool_duration_key, duration_histogram>& EthtoolDurationSchema();

}  // namespace netchange
