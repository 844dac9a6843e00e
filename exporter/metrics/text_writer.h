// SPDX-License-Identifier: Apache-2.0
// Writes the text format 0.0.4. Nothing else does.
#pragma once

#include <prometheus/metric_family.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "util/sink.h"

namespace netchange {

/// Content-Type of the text format 0.0.4. The exposition format requires the version.
inline constexpr char kTextContentType[] = "text/plain; version=0.0.4; charset=utf-8";

/// Writes families in the order of the calls, and passes them on in pieces of at most 64 KiB, so
/// that a page needs no more memory. Not thread-safe.
class TextWriter {
 public:
  static constexpr std::size_t kPiece = std::size_t{64} * 1024;

  /// `sink` is borrowed.
  explicit TextWriter(const Sink& sink);

  /// Begins a family. `name` must be valid until the next family.
  void Family(std::string_view name, std::string_view help, prometheus::MetricType type);

  /// One sample of the family. `labels` and `more_labels` as LabelText has them; `suffix` of
  /// its name: "_bucket", "_sum", "_count". A number is the shortest text that reads back as the
  /// same number.
  void Sample(std::string_view labels, std::string_view more_labels, std::uint64_t value,
              std::string_view suffix = "");
  void Sample(std::string_view labels, std::string_view more_labels, double value,
              std::string_view suffix = "");

  /// Passes the last piece on.
  void End();

  /// False as soon as the sink took no more: what follows is written for nobody.
  [[nodiscard]] bool wanted() const { return wanted_; }

 private:
  void Append(std::string_view text);
  void Line(std::initializer_list<std::string_view> parts);
  void SampleText(std::string_view labels, std::string_view more_labels, std::string_view number,
                  std::string_view suffix);
  void Pass();

  const Sink& sink_;
  std::unique_ptr<char[]> piece_;
  std::size_t size_ = 0;
  std::string_view family_;
  bool wanted_ = true;
};

/// Writes a family of prometheus-cpp: counters, gauges and histograms.
void WriteFamily(const prometheus::MetricFamily& family, TextWriter& out);

}  // namespace netchange
