// SPDX-License-Identifier: Apache-2.0
#include "metrics/text_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace netchange {
namespace {

using prometheus::MetricType;
using testing::ElementsAre;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Collects the pieces.
struct Pieces {
  std::vector<std::string> all;
  std::size_t wanted = std::numeric_limits<std::size_t>::max();  // takes so many
  Sink sink = [this](std::string_view piece) {
    all.emplace_back(piece);
    return all.size() < wanted;
  };

  [[nodiscard]] std::string Text() const {
    std::string text;
    for (const std::string& piece : all) text += piece;
    return text;
  }
};

template <class Number>
std::string NumberOf(Number value) {
  Pieces pieces;
  TextWriter out(pieces.sink);
  out.Family("g", "G.", MetricType::Gauge);
  out.Sample("", "", value);
  out.End();
  const std::string text = pieces.Text();
  const std::string head = "# HELP g G.\n# TYPE g gauge\ng ";
  EXPECT_TRUE(text.starts_with(head) && text.ends_with("\n")) << text;
  return text.substr(head.size(), text.size() - head.size() - 1);
}

TEST(TextWriter, WritesFamiliesAndSamples) {
  Pieces pieces;
  TextWriter out(pieces.sink);
  out.Family("c_total", "C.", MetricType::Counter);
  out.Sample(R"(a="1")", "", std::uint64_t{5});
  out.Sample(R"(a="1")", R"(errno="EPERM")", std::uint64_t{6});
  out.Sample("", R"(errno="EPERM")", std::uint64_t{7});
  out.Sample("", "", std::uint64_t{8}, "_sum");
  out.Family("empty", "Nothing.", MetricType::Histogram);
  out.End();
  EXPECT_THAT(pieces.all, ElementsAre("# HELP c_total C.\n# TYPE c_total counter\n"
                                      "c_total{a=\"1\"} 5\n"
                                      "c_total{a=\"1\",errno=\"EPERM\"} 6\n"
                                      "c_total{errno=\"EPERM\"} 7\n"
                                      "c_total_sum 8\n"
                                      "# HELP empty Nothing.\n# TYPE empty histogram\n"));
}

TEST(TextWriter, WritesCountsAsIntegers) {
  EXPECT_EQ(NumberOf(std::uint64_t{0}), "0");
  EXPECT_EQ(NumberOf(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
}

TEST(TextWriter, WritesTheShortestTextOfANumber) {
  EXPECT_EQ(NumberOf(0.0), "0");
  EXPECT_EQ(NumberOf(-2.5), "-2.5");
  EXPECT_EQ(NumberOf(0.1), "0.1");
  EXPECT_EQ(NumberOf(100000.0), "100000");
  EXPECT_EQ(NumberOf(-9007199254740991.0), "-9007199254740991");
  EXPECT_EQ(NumberOf(1700000123.456789), "1700000123.456789");
  EXPECT_EQ(NumberOf(kInfinity), "+Inf");
  EXPECT_EQ(NumberOf(-kInfinity), "-Inf");
  EXPECT_EQ(NumberOf(std::nan("")), "NaN");
}

TEST(TextWriter, WritesNumbersThatReadBackAsTheSame) {
  for (const double number : {1764214410.415004, 1764214410.4150038, 1e300, -1e-300, 1.0 / 3,
                              9007199254740993.0, std::numeric_limits<double>::denorm_min(), -0.0})
    EXPECT_EQ(std::strtod(NumberOf(number).c_str(), nullptr), number) << NumberOf(number);
}

TEST(TextWriter, PassesOnPiecesOfOneSize) {
  Pieces pieces;
  TextWriter out(pieces.sink);
  out.Family("g", "G.", MetricType::Gauge);
  const std::string label(3 * TextWriter::kPiece, 'x');  // longer than a piece
  std::string expected = "# HELP g G.\n# TYPE g gauge\n";
  for (int i = 0; i < 20; ++i) {
    out.Sample(label, "", 1.0);
    expected += "g{" + label + "} 1\n";
  }
  out.End();
  EXPECT_EQ(pieces.Text(), expected);
  EXPECT_EQ(pieces.all.size(), expected.size() / TextWriter::kPiece + 1);
  for (std::size_t i = 0; i + 1 < pieces.all.size(); ++i)
    EXPECT_EQ(pieces.all[i].size(), TextWriter::kPiece);
}

TEST(TextWriter, PassesNothingOnToASinkThatWantsNoMore) {
  Pieces pieces;
  pieces.wanted = 1;
  TextWriter out(pieces.sink);
  out.Family("g", "G.", MetricType::Gauge);
  EXPECT_TRUE(out.wanted());
  out.Sample(std::string(5 * TextWriter::kPiece, 'x'), "", 1.0);
  EXPECT_FALSE(out.wanted());
  out.End();
  EXPECT_EQ(pieces.all.size(), 1U);
}

TEST(WriteFamily, WritesTheModelOfPrometheus) {
  prometheus::MetricFamily family{"h", "H.", MetricType::Histogram, {}};
  auto& metric = family.metric.emplace_back();
  metric.label = {{"a", "\""}};
  metric.histogram = {3, 0.5, {{1, 0.25}, {3, kInfinity}}};
  Pieces pieces;
  TextWriter out(pieces.sink);
  WriteFamily(family, out);
  out.End();
  EXPECT_EQ(pieces.Text(),
            "# HELP h H.\n# TYPE h histogram\nh_count{a=\"\\\"\"} 3\nh_sum{a=\"\\\"\"} 0.5\n"
            "h_bucket{a=\"\\\"\",le=\"0.25\"} 1\nh_bucket{a=\"\\\"\",le=\"+Inf\"} 3\n");
}

}  // namespace
}  // namespace netchange
