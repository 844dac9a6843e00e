// SPDX-License-Identifier: Apache-2.0
#include "util/text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "support.h"

namespace netchange {
namespace {

using namespace std::string_literals;

std::string Escaped(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    char text[8];
    std::snprintf(text, sizeof(text), "\\x%02x",
                  static_cast<unsigned>(static_cast<unsigned char>(c)));
    out += text;
  }
  return out;
}

// The bytes of a code point, including code points that UTF-8 forbids.
std::string Utf8(std::uint32_t c) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | ((c >> shift) & 0x3f)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xc0 | c >> 6), tail(0)};
  if (c < 0x10000) return {static_cast<char>(0xe0 | c >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xf0 | c >> 18), tail(12), tail(6), tail(0)};
}

bool IsControl(std::uint32_t c) { return c < 0x20 || (c >= 0x7f && c <= 0x9f); }
bool IsSurrogate(std::uint32_t c) { return c >= 0xd800 && c <= 0xdfff; }
bool IsLineSeparator(std::uint32_t c) { return c == 0x2028 || c == 0x2029; }

// The property Bidi_Control of Unicode's PropList.txt.
bool IsDirectionMark(std::uint32_t c) {
  return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

TEST(PrintableText, KeepsPrintableAsciiAndEscapesEveryOtherSingleByte) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    const bool printable = byte >= 0x20 && byte < 0x7f;
    EXPECT_EQ(PrintableText(std::string_view(text)), printable ? text : Escaped(text)) << byte;
  }
}

TEST(PrintableText, KeepsEveryOtherCodePointAndEscapesControlsAndSurrogates) {
  for (std::uint32_t c = 0; c <= 0x10ffff; ++c) {
    if (IsDirectionMark(c)) continue;
    const std::string text = Utf8(c);
    const bool kept = !IsControl(c) && !IsSurrogate(c) && !IsLineSeparator(c);
    ASSERT_EQ(PrintableText(std::string_view(text)), kept ? text : Escaped(text)) << std::hex << c;
  }
}

TEST(PrintableText, EscapesMarksThatChangeTheDirectionOfWriting) {
  for (std::uint32_t c = 0; c <= 0xffff; ++c) {
    if (!IsDirectionMark(c)) continue;
    EXPECT_EQ(PrintableText("a" + Utf8(c) + "b"), "a" + Escaped(Utf8(c)) + "b") << std::hex << c;
  }
}

TEST(PrintableText, EscapesOverlongForms) {
  for (const std::string& text : {"\xc0\x80"s, "\xc0\xaf"s, "\xc1\xbf"s, "\xe0\x80\xaf"s,
                                  "\xe0\x9f\xbf"s, "\xf0\x80\x80\xaf"s, "\xf0\x8f\xbf\xbf"s}) {
    EXPECT_EQ(PrintableText(std::string_view(text)), Escaped(text));
  }
}

TEST(PrintableText, EscapesWhatIsAboveTheLastCodePoint) {
  for (const std::string& text : {"\xf4\x90\x80\x80"s, "\xf5\x80\x80\x80"s, "\xf8\x88\x80\x80\x80"s,
                                  "\xfc\x84\x80\x80\x80\x80"s, "\xfe"s, "\xff"s}) {
    EXPECT_EQ(PrintableText(std::string_view(text)), Escaped(text));
  }
}

TEST(PrintableText, EscapesSequencesThatEndTooEarly) {
  for (const std::string& whole : {"é"s, "€"s, "😀"s}) {
    for (std::size_t length = 1; length < whole.size(); ++length) {
      const std::string cut = whole.substr(0, length);
      EXPECT_EQ(PrintableText("a" + cut), "a" + Escaped(cut));
      EXPECT_EQ(PrintableText(cut + "b"), Escaped(cut) + "b") << "what follows is kept";
      EXPECT_EQ(PrintableText(cut + whole), Escaped(cut) + whole);
    }
  }
}

TEST(PrintableText, EscapesContinuationBytesWithoutABeginning) {
  EXPECT_EQ(PrintableText("\x80"
                          "a\xbf"
                          "b"s),
            "\\x80a\\xbfb");
}

TEST(PrintableText, LeavesNothingHarmfulOfAnyTwoBytes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      const std::string printable = PrintableText(std::string_view(text));
      ASSERT_TRUE(IsHarmless(printable)) << first << ' ' << second;
      ASSERT_EQ(PrintableText(std::string_view(printable)), printable) << first << ' ' << second;
    }
  }
}

TEST(PrintableText, KeepsBackslashesQuotesAndSpaces) {
  EXPECT_EQ(PrintableText(R"(a\x0a "b" 'c')"s), R"(a\x0a "b" 'c')");
}

TEST(PrintableText, EscapesANulInTheMiddleOfAView) { EXPECT_EQ(PrintableText("a\0b"s), "a\\x00b"); }

TEST(PrintableText, IsEmptyForNothing) { EXPECT_EQ(PrintableText(std::string_view()), ""); }

TEST(PrintableText, EndsAnArrayAtItsFirstNul) {
  const char name[8] = {'e', 't', 'h', '0', '\0', 'x', 'y', 'z'};
  EXPECT_EQ(PrintableText(name), "eth0");
  const char empty[8] = {};
  EXPECT_EQ(PrintableText(empty), "");
}

TEST(PrintableText, EndsAnArrayWithoutNulAtItsEnd) {
  const struct {
    char name[4] = {'a', 'b', 'c', 'd'};
    char behind[4] = {'e', 'f', 'g', 'h'};
  } fields;
  EXPECT_EQ(PrintableText(fields.name), "abcd");
}

TEST(PrintableText, EscapesACodePointThatTheEndOfAnArrayCuts) {
  const char name[4] = {'a', 'b', '\xe2', '\x82'};
  EXPECT_EQ(PrintableText(name), "ab\\xe2\\x82");
}

TEST(TextIn, EndsAtTheFirstNulOrAtTheEndOfTheArray) {
  const char whole[4] = {'a', 'b', 'c', 'd'};
  const char part[4] = {'a', 0, 'c', 'd'};
  EXPECT_EQ(TextIn(whole), "abcd");
  EXPECT_EQ(TextIn(part), "a");
}

TEST(CopyText, LeavesANulBehindALongText) {
  char bytes[4] = {};
  CopyText("abcdef", bytes);
  EXPECT_EQ(bytes, "abc"s);
  char longer[8] = {};
  CopyText("ab", longer);
  EXPECT_EQ(std::string(longer, sizeof(longer)), "ab\0\0\0\0\0\0"s);
}

TEST(HtmlText, EscapesWhatEndsAnElementOrAQuotedAttribute) {
  EXPECT_EQ(HtmlText(R"(<a href="x" id='y'>&amp;</a>)"),
            "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
}

TEST(HtmlText, KeepsEveryOtherByte) {
  std::string text;
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    if (std::string_view("<>&\"'").find(c) == std::string_view::npos) text += c;
  }
  EXPECT_EQ(HtmlText(text), text);
}

}  // namespace
}  // namespace netchange
