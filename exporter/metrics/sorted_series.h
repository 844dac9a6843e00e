// SPDX-License-Identifier: Apache-2.0
// Rows in the order of the page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "metrics/series_table.h"
#include "metrics/text_writer.h"

namespace netchange {

/// The rows of tables that have the same families, sorted by their labels. Rows with the same
/// labels become one sample: the sum of counters and histograms, the largest of gauges.
class SortedSeries {
 public:
  /// At least one table; all of them with the same families.
  explicit SortedSeries(std::vector<SeriesTable> tables);

  [[nodiscard]] const std::vector<SeriesFamily>& families() const {
    return tables_.front().families();
  }
  /// The number of series of each collector: lines of the page that are no comments.
  void AddCounts(std::span<std::size_t> by_collector) const;
  /// The samples of one family.
  void Write(std::size_t family, TextWriter& out) const;

 private:
  struct Ref {
    std::uint64_t bytes;  // while sorting: the next eight bytes of the text
    const Row* row;
    std::uint16_t families;  // the row's
    bool first_of_labels;    // the row before has other labels
    bool first_of_text;      // the row before has other labels, or another errno
  };
  static void Prefetch(std::span<const Ref> refs, std::size_t i);
  static std::size_t EndOfCommon(std::span<const Ref> refs, std::size_t at);
  static void Sort(std::span<Ref> refs, std::size_t at);
  void MarkGroups();
  [[nodiscard]] bool Starts(const Ref& ref, const SeriesFamily& family) const {
    return family.by_errno ? ref.first_of_text : ref.first_of_labels;
  }

  std::vector<SeriesTable> tables_;
  MappedMemory memory_;
  std::span<Ref> refs_;  // in memory_
};

}  // namespace netchange
