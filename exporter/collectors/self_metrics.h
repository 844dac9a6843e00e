// SPDX-License-Identifier: Apache-2.0
// Metrics of the exporter itself: which collectors work, by which backend, and what was lost.
#pragma once

#include "collectors/running_collector.h"
#include "collectors/scrape.h"

namespace netchange {

struct ScrapeResult {
  double seconds;
  bool success;
  std::size_t series;
};

/// The state of one collector, and the entries of its maps as read in this scrape.
void AddCollectorMetrics(const RunningCollector& collector, const ScrapeResult& result,
                         Scrape& scrape);

/// netchange_exporter_build_info, and the process_* metrics from /proc/self.
void AddExporterMetrics(FamilySet& out);

}  // namespace netchange
