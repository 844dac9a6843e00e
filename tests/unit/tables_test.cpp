// SPDX-License-Identifier: Apache-2.0
#include "collectors/tables.h"

#include <gtest/gtest.h>

#include <cstring>
#include <regex>

#include "support.h"

namespace netchange {
namespace {

std::map<int, std::string> ErrnosOfTheUapiHeaders() {
  std::map<int, std::string> names;
  const std::regex define(R"(#define\s+(E\w+)\s+(\d+))");  // not aliases
  for (const char* header : {"errno-base.h", "errno.h"}) {
    const std::string text = Contents(std::string(UAPI_INCLUDE_DIR "/asm-generic/") + header);
    for (std::sregex_iterator match(text.begin(), text.end(), define), end; match != end; ++match) {
      names[std::stoi((*match)[2])] = (*match)[1];
    }
  }
  return names;
}

TEST(ErrnoName, IsThatOfTheUapiHeader) {
  const auto names = ErrnosOfTheUapiHeaders();
  ASSERT_EQ(names.size(), 131u) << "1 to 133 without 41 and 58";
  for (const auto& [number, name] : names)
    EXPECT_EQ(ErrnoName(static_cast<std::uint16_t>(number)), name);
}

TEST(ErrnoName, KnowsWhatLibcKnows) {
  int known = 0;
  for (std::uint16_t error = 1; error <= 133; ++error) {
    const char* name = strerrorname_np(error);
    if (name) ++known;
    EXPECT_EQ(ErrnoName(error), name ? name : "errno_" + std::to_string(error));
  }
  EXPECT_EQ(known, 131);
}

TEST(ErrnoName, KnowsErrorsOfTheKernelAlone) {
  EXPECT_EQ(ErrnoName(512), "ERESTARTSYS");
  EXPECT_EQ(ErrnoName(524), "ENOTSUPP");
}

TEST(ErrnoName, WritesTheNumberOfAnUnknownError) {
  EXPECT_EQ(ErrnoName(41), "errno_41");
  EXPECT_EQ(ErrnoName(58), "errno_58");
  EXPECT_EQ(ErrnoName(134), "errno_134");
  EXPECT_EQ(ErrnoName(4095), "errno_4095");
  EXPECT_EQ(ErrnoName(65535), "errno_65535");
}

TEST(NameOf, FindsANumber) {
  constexpr NumberName kNames[] = {{1, "one"}, {7, "seven"}, {4294967295, "last"}};
  EXPECT_STREQ(NameOf(kNames, 1), "one");
  EXPECT_STREQ(NameOf(kNames, 7), "seven");
  EXPECT_STREQ(NameOf(kNames, 4294967295), "last");
}

TEST(NameOf, SaysUnknownForAnyOtherNumber) {
  constexpr NumberName kNames[] = {{1, "one"}, {7, "seven"}};
  for (const std::uint32_t number : {0u, 2u, 8u, 4294967295u})
    EXPECT_STREQ(NameOf(kNames, number), "unknown") << number;
  EXPECT_STREQ(NameOf({}, 1), "unknown");
}

TEST(CommonLabels, ComeBeforeACollectorsOwn) {
  constexpr Label<ethtool_key> kOwn[] = {
      {"own", [](const ethtool_key&, const RenderContext&, LabelText& out) { out.Append("x"); }}};
  constexpr auto kAll = WithCommonLabels(kOwn);
  TestContext test;
  ethtool_key key{};
  key.device = Device("eth0", 77);
  key.actor = Actor("comm", "parent", "a.service");
  key.error = 95;
  LabelText labels;
  const auto add = [&](const Label<ethtool_key>& label) {
    labels.Begin(LabelBegin(label.name));
    label.append(key, test.context, labels);
    labels.End();
  };
  for (const auto& label : kAll) add(label);
  add(kErrno<ethtool_key>);
  EXPECT_EQ(labels.text(), R"(device="eth0",netns="77",comm="comm",parent_comm="parent",)"
                           R"(unit="a.service",own="x",errno="EOPNOTSUPP")");
}

}  // namespace
}  // namespace netchange
