// SPDX-License-Identifier: Apache-2.0
// Pages of entries, as the collectors make them, for several unit tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "collectors/config_write.h"
#include "collectors/ethtool.h"
#include "collectors/xdp.h"
#include "metrics/metrics_page.h"
#include "page_parser.h"

namespace netchange {

/// The text of a page.
inline std::string Written(MetricsPage& page) {
  std::string text;
  page.Sort();
  page.Write([&](std::string_view piece) {
    text += piece;
    return true;
  });
  return text;
}

/// The families of a page, as a reader sees them.
inline std::vector<prometheus::MetricFamily> Families(MetricsPage& page) {
  return ParsePage(Written(page));
}

inline void RenderEthtool(const Entries<ethtool_key, ethtool_counters>& commands,
                          const Entries<ethtool_duration_key, duration_histogram>& durations,
                          const RenderContext& context, MetricsPage& page) {
  AddEntries(EthtoolSchema(), commands, context, page);
  AddEntries(EthtoolDurationSchema(), durations, context, page);
}

inline void RenderXdp(const Entries<xdp_key, counter>& changes, const RenderContext& context,
                      MetricsPage& page) {
  AddEntries(XdpSchema(), changes, context, page);
}

inline void RenderXdpAttached(const std::vector<AttachedProgram>& programs,
                              const RenderContext& context, MetricsPage& page) {
  Entries<AttachedProgram, NoValue> entries;
  for (const AttachedProgram& program : programs) entries.emplace_back(program, NoValue{});
  AddEntries(XdpAttachedSchema(), entries, context, page);
}

inline void RenderConfigWrites(const Entries<config_write_key, config_write_counters>& writes,
                               const Entries<config_value_key, config_value>& values,
                               const RenderContext& context, MetricsPage& page) {
  AddEntries(ConfigWriteSchema(), writes, context, page);
  AddEntries(ConfigValueSchema(), values, context, page);
}

}  // namespace netchange
