// SPDX-License-Identifier: Apache-2.0
// What the exporter says of itself: what it sees, by what, and what it lost.
#pragma once

#include "collectors/running_collector.h"
#include "collectors/scrape.h"

namespace netchange {

struct ScrapeResult {
  double seconds;
  bool success;
};

/// One collector's state, and the fill of its maps as read by this scrape.
void AddCollectorMetrics(const RunningCollector& collector, const ScrapeResult& result,
                         Scrape& scrape);

/// netchange_exporter_build_info, and the process_* metrics from /proc/self.
void AddExporterMetrics(FamilySet& out);

}  // namespace netchange
