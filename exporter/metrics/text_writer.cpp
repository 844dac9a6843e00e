// SPDX-License-Identifier: Apache-2.0
#include "metrics/text_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <system_error>

#include "metrics/label_text.h"

namespace netchange {
namespace {

constexpr double kExactIntegers = 9007199254740992;  // 2^53: each integer up to here is a double

const char* NameOf(prometheus::MetricType type) {
  switch (type) {
    case prometheus::MetricType::Counter: return "counter";
    case prometheus::MetricType::Gauge: return "gauge";
    case prometheus::MetricType::Histogram: return "histogram";
    case prometheus::MetricType::Summary: return "summary";
    default: return "untyped";
  }
}

// Digits of a number, or NaN, +Inf, -Inf.
class NumberText {
 public:
  explicit NumberText(std::uint64_t value) { Convert(value); }
  explicit NumberText(double value) {
    if (std::isnan(value)) {
      special_ = "NaN";
    } else if (std::isinf(value)) {
      special_ = value > 0 ? "+Inf" : "-Inf";
    } else if (std::abs(value) < kExactIntegers && std::trunc(value) == value && value != 0) {
      Convert(static_cast<std::int64_t>(value));  // "100000" and not "1e+05"
    } else {
      Convert(value);
    }
  }
  [[nodiscard]] std::string_view text() const {
    return special_.empty() ? std::string_view(digits_, end_ - digits_) : special_;
  }

 private:
  template <class Number>
  void Convert(Number value) {
    end_ = std::to_chars(std::begin(digits_), std::end(digits_), value).ptr;
  }

  char digits_[32];  // "-2.2250738585072014e-308" is 24 long
  char* end_ = digits_;
  std::string_view special_;
};

void WriteHistogram(std::string_view labels, const prometheus::ClientMetric::Histogram& histogram,
                    TextWriter& out) {
  out.Sample(labels, "", histogram.sample_count, "_count");
  out.Sample(labels, "", histogram.sample_sum, "_sum");
  for (const auto& bucket : histogram.bucket) {
    LabelText bound;
    bound.Add("le", NumberText(bucket.upper_bound).text());
    out.Sample(labels, bound.text(), bucket.cumulative_count, "_bucket");
  }
}

}  // namespace

TextWriter::TextWriter(const Sink& sink)
    : sink_(sink), piece_(std::make_unique_for_overwrite<char[]>(kPiece)) {}

void TextWriter::Append(std::string_view text) {
  while (text.size() > kPiece - size_) {
    const std::size_t fits = kPiece - size_;
    std::memcpy(&piece_[size_], text.data(), fits);
    size_ += fits;
    text.remove_prefix(fits);
    Pass();
  }
  if (text.empty()) return;
  std::memcpy(&piece_[size_], text.data(), text.size());
  size_ += text.size();
}

void TextWriter::Pass() {
  if (wanted_ && size_) wanted_ = sink_({piece_.get(), size_});
  size_ = 0;
}

void TextWriter::End() { Pass(); }

// One copy of each part, if the line fits into a piece.
void TextWriter::Line(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  if (size > kPiece) {
    for (const std::string_view part : parts) Append(part);
    return;
  }
  if (size > kPiece - size_) Pass();
  char* at = &piece_[size_];
  for (const std::string_view part : parts) {
    if (part.size() == 1)
      *at = part[0];
    else
      std::memcpy(at, part.data(), part.size());
    at += part.size();
  }
  size_ += size;
}

void TextWriter::Family(std::string_view name, std::string_view help, prometheus::MetricType type) {
  family_ = name;
  Line({"# HELP ", name, " ", help, "\n# TYPE ", name, " ", NameOf(type), "\n"});
}

void TextWriter::SampleText(std::string_view labels, std::string_view more_labels,
                            std::string_view number, std::string_view suffix) {
  if (labels.empty() && more_labels.empty()) return Line({family_, suffix, " ", number, "\n"});
  if (more_labels.empty()) return Line({family_, suffix, "{", labels, "} ", number, "\n"});
  const std::string_view comma = labels.empty() ? "" : ",";
  Line({family_, suffix, "{", labels, comma, more_labels, "} ", number, "\n"});
}

void TextWriter::Sample(std::string_view labels, std::string_view more_labels, std::uint64_t value,
                        std::string_view suffix) {
  SampleText(labels, more_labels, NumberText(value).text(), suffix);
}

void TextWriter::Sample(std::string_view labels, std::string_view more_labels, double value,
                        std::string_view suffix) {
  SampleText(labels, more_labels, NumberText(value).text(), suffix);
}

void WriteFamily(const prometheus::MetricFamily& family, TextWriter& out) {
  out.Family(family.name, family.help, family.type);
  for (const prometheus::ClientMetric& metric : family.metric) {
    LabelText text;
    for (const auto& label : metric.label) text.Add(label.name, label.value);
    const std::string_view labels = text.text();
    switch (family.type) {
      case prometheus::MetricType::Histogram: WriteHistogram(labels, metric.histogram, out); break;
      case prometheus::MetricType::Counter: out.Sample(labels, "", metric.counter.value); break;
      default: out.Sample(labels, "", metric.gauge.value);
    }
  }
}

}  // namespace netchange
