// SPDX-License-Identifier: Apache-2.0
#include "collectors/link_flags.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <regex>
#include <string>

#ifndef UAPI_INCLUDE_DIR
#define UAPI_INCLUDE_DIR "/usr/include"
#endif

namespace netchange {
namespace {

TEST(LinkFlags, HaveTheNamesOfTheUapiHeader) {
  std::ifstream header(UAPI_INCLUDE_DIR "/linux/if.h");
  const std::regex flag(R"(\s*IFF_([A-Z_]+)\s*=\s*1<<(\d+),.*)");
  int flags = 0;
  std::smatch match;
  for (std::string line; std::getline(header, line);) {
    if (!std::regex_match(line, match, flag)) continue;
    EXPECT_EQ(LinkFlagsText(1U << std::stoi(match[2])), match[1].str());
    ++flags;
  }
  EXPECT_EQ(flags, 19);
}

TEST(LinkFlags, AreListedFromTheLowest) {
  EXPECT_EQ(LinkFlagsText(0x1103), "UP,BROADCAST,PROMISC,MULTICAST");
  EXPECT_EQ(LinkFlagsText(0), "0");
}

TEST(LinkFlags, WithoutANameAreANumber) {
  EXPECT_EQ(LinkFlagsText(0x80180000), "0x80180000");
  EXPECT_EQ(LinkFlagsText(0x80000001), "UP,0x80000000");
}

}  // namespace
}  // namespace netchange
