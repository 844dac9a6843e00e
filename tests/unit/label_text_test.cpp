// SPDX-License-Identifier: Apache-2.0
#include "metrics/label_text.h"

#include <gtest/gtest.h>

#include <string>

namespace netchange {
namespace {

std::string Label(std::string_view value) {
  LabelText labels;
  labels.Add("a", value);
  return std::string(labels.text());
}

std::string PrintableLabel(std::string_view value) {
  LabelText labels;
  labels.Begin(LabelBegin("a"));
  labels.AppendPrintable(value);
  labels.End();
  return std::string(labels.text());
}

// What is escaped, one byte after the other.
std::string Escaped(char byte) {
  switch (byte) {
    case '\\': return R"(\\)";
    case '"': return R"(\")";
    case '\n': return R"(\n)";
    default: return {byte};
  }
}

TEST(LabelText, IsAnEmptyTextWithoutLabels) {
  LabelText labels;
  EXPECT_NE(labels.text().data(), nullptr);
  labels.Append("");
  EXPECT_EQ(labels.text(), "");
}

TEST(LabelText, SeparatesEscapesAndOmits) {
  LabelText labels;
  labels.Add("none", "");
  EXPECT_EQ(labels.text(), "");
  labels.Add("a", "x");
  labels.Add("none", "");
  labels.Add("b", "a\"b\\c\nd");
  EXPECT_EQ(labels.text(), R"(a="x",b="a\"b\\c\nd")");
  labels.Clear();
  labels.Add("c", "y");
  EXPECT_EQ(labels.text(), R"(c="y")");
}

TEST(LabelText, HasValuesOfSeveralParts) {
  LabelText labels;
  labels.Begin(LabelBegin("a"));
  labels.Append("1\n");
  labels.Append("");
  labels.AppendPrintable("2\n");
  labels.End();
  EXPECT_EQ(labels.text(), R"(a="1\n2\\x0a")");
}

// Bytes are tested in words, so each byte at each place of texts of each length.
TEST(LabelText, FindsEachByteToEscapeWhereverItStands) {
  for (std::size_t size = 1; size <= 33; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string value(size, 'v');
        value[at] = static_cast<char>(byte);
        const std::string before(at, 'v'), after(size - at - 1, 'v');
        ASSERT_EQ(Label(value), "a=\"" + before + Escaped(value[at]) + after + '"')
            << size << ' ' << at << ' ' << byte;
        std::string printable;
        for (const char c : PrintableText(value)) printable += Escaped(c);
        ASSERT_EQ(PrintableLabel(value), "a=\"" + printable + '"')
            << size << ' ' << at << ' ' << byte;
      }
    }
  }
}

TEST(LabelText, GrowsWithItsLabels) {
  LabelText labels;
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    const std::string value(i, '"');
    labels.Add("n" + std::to_string(i), value);
    if (value.empty()) continue;
    expected += (expected.empty() ? "n" : ",n") + std::to_string(i) + "=\"";
    for (int quote = 0; quote < i; ++quote) expected += "\\\"";
    expected += '"';
  }
  EXPECT_EQ(labels.text(), expected);
}

// An array of the kernel's may have no NUL.
TEST(LabelText, EndsAnArrayAtItsNulOrAtItsEnd) {
  const char full[4] = {'a', 'b', 'c', 'd'}, partial[4] = {'e', 0, 'f', 0};
  LabelText labels;
  labels.Begin(LabelBegin("a"));
  labels.AppendPrintable(full);
  labels.AppendPrintable(partial);
  labels.End();
  EXPECT_EQ(labels.text(), "a=\"abcde\"");
}

}  // namespace
}  // namespace netchange
