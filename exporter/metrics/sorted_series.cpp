// SPDX-License-Identifier: Apache-2.0
#include "metrics/sorted_series.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <string>

#include "metrics/label_text.h"

namespace netchange {
namespace {

constexpr std::size_t kFew = 12;  // rows that are compared as a whole
constexpr double kSecond = 1e9;
constexpr std::uint64_t kBounds[] = {DURATION_BOUNDS_NS};

// Eight bytes of the text as a number that compares as they do. Texts end with zeros, up to a
// multiple of eight.
std::uint64_t BytesAt(const Row& row, std::size_t at) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, row.text() + at, sizeof(bytes));
  return std::endian::native == std::endian::little ? __builtin_bswap64(bytes) : bytes;
}

bool Ended(std::uint64_t bytes) { return (bytes & 0xff) == 0; }

// The numbers of a family in a row that has a sample of it.
const Number* NumbersIn(const Row& row, const std::vector<SeriesFamily>& families,
                        std::size_t family) {
  const Number* number = row.begin_numbers();
  for (std::size_t i = 0; i < family; ++i) {
    if (row.families >> i & 1) number += NumbersOf(families[i]);
  }
  return number;
}

void Fold(const SeriesFamily& family, const Number* numbers, std::span<Number> sum) {
  if (family.type == prometheus::MetricType::Gauge) {
    sum[0].value = std::max(sum[0].value, numbers[0].value);
  } else {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i].count += numbers[i].count;
  }
}

// `le` of each bucket.
const std::vector<LabelText>& BoundLabels() {
  static const std::vector<LabelText> labels = [] {
    std::vector<LabelText> all(std::size(kBounds) + 1);
    for (std::size_t i = 0; i < std::size(kBounds); ++i) {
      char text[32];
      const auto end =
          std::to_chars(std::begin(text), std::end(text), static_cast<double>(kBounds[i]) / kSecond,
                        std::chars_format::fixed);
      all[i].Add("le", {text, static_cast<std::size_t>(end.ptr - text)});
    }
    all.back().Add("le", "+Inf");
    return all;
  }();
  return labels;
}

void WriteHistogram(std::string_view labels, std::span<const Number> numbers, TextWriter& out) {
  const std::span<const Number> buckets = numbers.first(DURATION_BOUNDS + 1);
  std::uint64_t count = 0;
  for (const Number& bucket : buckets) count += bucket.count;
  out.Sample(labels, "", count, "_count");
  out.Sample(labels, "", static_cast<double>(numbers.back().count) / kSecond, "_sum");
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    cumulative += buckets[i].count;
    out.Sample(labels, BoundLabels()[i].text(), cumulative, "_bucket");
  }
}

void WriteSample(const SeriesFamily& family, const Row& row, std::span<const Number> numbers,
                 TextWriter& out) {
  const std::string_view more = family.by_errno ? row.errno_label() : std::string_view();
  switch (family.type) {
    case prometheus::MetricType::Histogram: WriteHistogram(row.labels(), numbers, out); break;
    case prometheus::MetricType::Counter: out.Sample(row.labels(), more, numbers[0].count); break;
    default: out.Sample(row.labels(), more, numbers[0].value);
  }
}

}  // namespace

SortedSeries::SortedSeries(std::vector<SeriesTable> tables) : tables_(std::move(tables)) {
  std::size_t rows = 0;
  for (const SeriesTable& table : tables_) rows += table.size();
  memory_ = MappedMemory(rows * sizeof(Ref), true);
  refs_ = {reinterpret_cast<Ref*>(memory_.data()), rows};
  std::size_t next = 0;
  for (const SeriesTable& table : tables_) {
    table.ForEach([&](const Row& row) {
      new (&refs_[next++]) Ref{0, &row, row.families, true, true};
    });
  }
  Sort(refs_, 0);
  MarkGroups();
}

// Rows are not in memory in their order, so that the CPU cannot know which comes next.
void SortedSeries::Prefetch(std::span<const Ref> refs, std::size_t i) {
  constexpr std::size_t kAhead = 8, kRowBytes = 256, kCacheLine = 64;
  if (i + kAhead >= refs.size()) return;
  const char* row = reinterpret_cast<const char*>(refs[i + kAhead].row);
  for (std::size_t at = 0; at < kRowBytes; at += kCacheLine) __builtin_prefetch(row + at);
}

// Up to where the texts are the same, from `at` on; a multiple of eight.
std::size_t SortedSeries::EndOfCommon(std::span<const Ref> refs, std::size_t at) {
  const Row& first = *refs.front().row;
  std::size_t end = first.text_room();
  for (std::size_t i = 1; i < refs.size() && end > at; ++i) {
    Prefetch(refs, i);
    std::size_t same = at;
    while (same < end && BytesAt(*refs[i].row, same) == BytesAt(first, same))
      same += sizeof(Ref::bytes);
    end = same;
  }
  return end;
}

// Reads what many rows have in common once, and then eight bytes of each.
void SortedSeries::Sort(std::span<Ref> refs, std::size_t at) {
  if (refs.size() <= kFew) {
    std::sort(refs.begin(), refs.end(), [&](const Ref& a, const Ref& b) {
      return a.row->whole_text().substr(at) < b.row->whole_text().substr(at);
    });
    return;
  }
  at = EndOfCommon(refs, at);
  if (at == refs.front().row->text_room()) return;
  for (std::size_t i = 0; i < refs.size(); ++i) {
    Prefetch(refs, i);
    refs[i].bytes = BytesAt(*refs[i].row, at);
  }
  std::sort(refs.begin(), refs.end(), [](const Ref& a, const Ref& b) { return a.bytes < b.bytes; });
  for (auto begin = refs.begin(); begin != refs.end();) {
    const auto end =
        std::find_if(begin, refs.end(), [&](const Ref& ref) { return ref.bytes != begin->bytes; });
    if (end - begin > 1 && !Ended(begin->bytes)) Sort({begin, end}, at + sizeof(Ref::bytes));
    begin = end;
  }
}

void SortedSeries::MarkGroups() {
  for (std::size_t i = 1; i < refs_.size(); ++i) {
    Prefetch(refs_, i);
    const Row& before = *refs_[i - 1].row;
    const Row& row = *refs_[i].row;
    refs_[i].first_of_labels = row.labels() != before.labels();
    refs_[i].first_of_text = refs_[i].first_of_labels || row.errno_label() != before.errno_label();
  }
}

void SortedSeries::AddCounts(std::span<std::size_t> by_collector) const {
  std::uint16_t by_errno = 0;
  for (std::size_t i = 0; i < families().size(); ++i)
    by_errno |= static_cast<std::uint16_t>(families()[i].by_errno << i);
  std::uint16_t counted = 0;  // families with a sample of these labels
  for (const Ref& ref : refs_) {
    if (ref.first_of_labels) counted = 0;
    if (ref.first_of_text) counted &= static_cast<std::uint16_t>(~by_errno);
    for (std::uint16_t fresh = ref.families & ~counted; fresh; fresh &= fresh - 1) {
      const SeriesFamily& family = families()[std::countr_zero(fresh)];
      const bool is_histogram = family.type == prometheus::MetricType::Histogram;
      by_collector[ref.row->collector] += is_histogram ? kHistogramNumbers + 1 : 1;
    }
    counted |= ref.families;
  }
}

void SortedSeries::Write(std::size_t index, TextWriter& out) const {
  const SeriesFamily& family = families()[index];
  Number room[kHistogramNumbers];
  const std::span<Number> sum(room, NumbersOf(family));
  for (std::size_t i = 0; i < refs_.size() && out.wanted();) {
    const Row* sampled = nullptr;  // the first row of the group that has a sample
    do {
      Prefetch(refs_, i);
      const Ref& ref = refs_[i];
      if (!(ref.families >> index & 1)) continue;
      const Number* numbers = NumbersIn(*ref.row, families(), index);
      if (sampled) {
        Fold(family, numbers, sum);
      } else {
        sampled = ref.row;
        std::copy_n(numbers, sum.size(), sum.begin());
      }
    } while (++i < refs_.size() && !Starts(refs_[i], family));
    if (sampled) WriteSample(family, *sampled, sum, out);
  }
}

}  // namespace netchange
