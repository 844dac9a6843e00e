// SPDX-License-Identifier: Apache-2.0
#include "collectors/ethtool_options.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "collectors/ethtool_names.h"

namespace netchange {
namespace {

TEST(EthtoolOptions, AreExactlyThoseThatSendACommand) {
  std::set<std::string> sent, known;
  for (const auto commands : {EthtoolIoctlCommands(), EthtoolNetlinkCommands()}) {
    for (const EthtoolCommand& command : commands) {
      std::istringstream options{std::string(command.options)};
      for (std::string option; std::getline(options, option, ',');) sent.insert(option);
    }
  }
  for (const EthtoolOption& option : EthtoolOptions()) known.emplace(option.option);
  EXPECT_EQ(known, sent);
}

TEST(EthtoolOptions, AreSortedAndHaveWords) {
  const auto options = EthtoolOptions();
  EXPECT_TRUE(std::is_sorted(options.begin(), options.end(),
                             [](const auto& a, const auto& b) { return a.option < b.option; }));
  for (const EthtoolOption& option : options) {
    EXPECT_FALSE(option.words.empty()) << option.option;
    EXPECT_EQ(option.name.starts_with("--"), !option.option.starts_with("--")) << option.option;
  }
}

TEST(DescribeOptions, HasAllOfACommand) {
  EXPECT_EQ(DescribeOptions(""), "");
  EXPECT_EQ(DescribeOptions("-m"), "-m, --module-info: read the transceiver's EEPROM");
  EXPECT_EQ(
      DescribeOptions("-g,-G"),
      "-g, --show-ring: show the sizes of the rings; -G, --set-ring: set the sizes of the rings");
  EXPECT_EQ(DescribeOptions("--show-eee"), "--show-eee: show Energy-Efficient Ethernet");
  EXPECT_EQ(DescribeOptions("-z,-m"), "-z; -m, --module-info: read the transceiver's EEPROM");
}

}  // namespace
}  // namespace netchange
