// SPDX-License-Identifier: Apache-2.0
// One page of metrics: first filled, then sorted, then written in pieces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "metrics/family_set.h"
#include "metrics/series_table.h"
#include "metrics/sorted_series.h"
#include "util/sink.h"

namespace netchange {

/// Not thread-safe. Use one object per scrape. It holds no text of the page but the labels.
class MetricsPage {
 public:
  /// A new table of rows of one collector (its index, at most 255). Tables with the same families
  /// are merged by Sort(). The reference is valid until then.
  SeriesTable& AddTable(std::vector<SeriesFamily> families, std::uint8_t collector);
  [[nodiscard]] std::size_t Tables() const { return tables_.size(); }
  /// Drops the newest tables, so that `tables` are left: those of a collector that failed.
  void KeepTables(std::size_t tables);

  /// Call when all rows are there.
  void Sort();
  /// Series of the collector's rows. Call after Sort().
  [[nodiscard]] std::size_t SeriesOf(std::uint8_t collector) const;

  /// Families with few samples. They may be added after Sort(), but before Write().
  [[nodiscard]] FamilySet& own() { return own_; }

  /// Writes all families, sorted by name. Call once, after Sort().
  void Write(const Sink& sink);

 private:
  std::deque<SeriesTable> tables_;
  std::vector<SortedSeries> sorted_;
  std::vector<std::size_t> series_;  // by collector
  FamilySet own_;
};

}  // namespace netchange
