// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "collectors/value_text.h"
#include "support.h"

namespace netchange {
namespace {

TEST(WrittenNumber, IsWhatTheKernelReads) {
  const std::pair<std::string_view, std::int64_t> kTexts[] = {
      {"0", 0},       {"17", 17},   {"-3", -3},  {"+4", 4},
      {"0x1F", 31},   {"0X1f", 31}, {"017", 15}, {" 5 ", 5},
      {"\t6\n\n", 6}, {"7\0", 7},   {"00", 0},   {"9223372036854775807", 9223372036854775807}};
  for (const auto& [text, number] : kTexts)
    EXPECT_EQ(WrittenNumber(TextValue(text)), number) << text;
}

TEST(WrittenNumber, IsNoneOfWhatIsNoSingleNumber) {
  for (const std::string_view text : {"", " ", "-", "+", "--1", "1 2", "ff", "0x", "08", "1\n2",
                                      "1,2", "cubic", "1x", "123456789012345678901"}) {
    EXPECT_EQ(WrittenNumber(TextValue(text)), std::nullopt) << text;
  }
}

TEST(WrittenNumber, IsNoneOfATextThatIsCut) {
  EXPECT_EQ(WrittenNumber(TextValue(std::string(VALUE_SIZE + 1, '1'))), std::nullopt);
  EXPECT_EQ(WrittenNumber(TextValue(std::string(VALUE_SIZE, '0'))), 0);
}

TEST(WrittenNumber, IsTheNumberThatWasAskedForWithoutText) {
  config_value value{};
  EXPECT_EQ(WrittenNumber(value), std::nullopt) << "not known";
  value.type = VALUE_INTEGER;
  value.bytes[0] = 42;
  EXPECT_EQ(WrittenNumber(value), 42);
  value.type = VALUE_MASK;
  EXPECT_EQ(WrittenNumber(value), std::nullopt);
}

}  // namespace
}  // namespace netchange
