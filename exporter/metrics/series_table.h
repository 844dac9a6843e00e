// SPDX-License-Identifier: Apache-2.0
// Entries of a map as rows: the text of their labels, written once, and the numbers of each family.
#pragma once

#include <prometheus/metric_type.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>
#include <vector>

#include "bpf/abi/duration.h"
#include "util/mapped_memory.h"

namespace netchange {

/// A family whose samples come from rows.
struct SeriesFamily {
  const char* name;
  const char* help;
  prometheus::MetricType type;  // counter, gauge or histogram
  bool by_errno;                // its samples have the label errno, too
};

/// Of a counter: a count. Of a gauge: a value. Of a histogram: one count for each bucket, and after
/// them the sum in nanoseconds.
union Number {
  std::uint64_t count;
  double value;
};
inline constexpr std::size_t kHistogramNumbers = DURATION_BOUNDS + 2;

constexpr std::size_t NumbersOf(const SeriesFamily& family) {
  return family.type == prometheus::MetricType::Histogram ? kHistogramNumbers : 1;
}

/// One row, in memory of a SeriesTable. After it come its numbers, of the families that it has a
/// sample of, and then its text: the labels, a byte 1, the label errno, a byte 0. So rows that
/// differ only in errno are neighbours when rows are sorted by their text.
struct Row {
  std::uint32_t labels_size;
  std::uint16_t errno_size;
  std::uint16_t families;  // one bit for each
  std::uint8_t numbers;
  std::uint8_t collector;

  [[nodiscard]] const Number* begin_numbers() const;
  [[nodiscard]] const char* text() const {
    return reinterpret_cast<const char*>(begin_numbers() + numbers);
  }
  [[nodiscard]] std::string_view labels() const { return {text(), labels_size}; }
  [[nodiscard]] std::string_view errno_label() const {
    return {text() + labels_size + 1, errno_size};
  }
  /// The two labels and the byte between them.
  [[nodiscard]] std::string_view whole_text() const {
    return {text(), std::size_t{labels_size} + 1 + errno_size};
  }
  /// Of the text with its zero bytes; a multiple of 8.
  [[nodiscard]] std::size_t text_room() const {
    return (std::size_t{labels_size} + errno_size + 2 + 7) / 8 * 8;
  }
};
inline constexpr std::size_t kRowHead = 16;
static_assert(sizeof(Row) <= kRowHead && alignof(Row) <= 8);

inline const Number* Row::begin_numbers() const {
  return reinterpret_cast<const Number*>(reinterpret_cast<const std::byte*>(this) + kRowHead);
}

/// Rows of one collector, in the order in which they were added. Not thread-safe. Its memory goes
/// back to the kernel as soon as it is destroyed.
class SeriesTable {
 public:
  /// At most 16 families.
  SeriesTable(std::vector<SeriesFamily> families, std::uint8_t collector)
      : families_(std::move(families)), collector_(collector) {}

  /// `families`: a bit for each that has a sample of it. `numbers`: of these families, in their
  /// order. Labels as LabelText has them, without NUL bytes.
  void Add(std::string_view labels, std::string_view errno_label, std::uint16_t families,
           std::span<const Number> numbers);

  [[nodiscard]] const std::vector<SeriesFamily>& families() const { return families_; }
  [[nodiscard]] std::size_t size() const { return size_; }

  template <class Function>
  void ForEach(Function function) const {
    for (const Block& block : blocks_) {
      for (std::size_t at = 0; at < block.used;) {
        const auto* row = reinterpret_cast<const Row*>(block.memory.data() + at);
        function(*row);
        at += kRowHead + row->numbers * sizeof(Number) + row->text_room();
      }
    }
  }

 private:
  struct Block {
    MappedMemory memory;
    std::size_t used = 0;
  };
  std::byte* Room(std::size_t size);

  std::vector<SeriesFamily> families_;
  std::vector<Block> blocks_;
  std::size_t size_ = 0;
  std::uint8_t collector_;
};

}  // namespace netchange
