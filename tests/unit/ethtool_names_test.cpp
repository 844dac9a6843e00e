// SPDX-License-Identifier: Apache-2.0
#include "collectors/ethtool_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#ifndef UAPI_INCLUDE_DIR
#define UAPI_INCLUDE_DIR "/usr/include"
#endif

namespace netchange {
namespace {

using NumberByName = std::map<std::string, std::uint32_t>;

// Defines of linux/ethtool.h that look like commands, but are other values.
const std::set<std::string> kNotCommands = {
    "ETHTOOL_PHY_EDPD_DFLT_TX_MSECS", "ETHTOOL_PHY_EDPD_NO_TX",
    "ETHTOOL_PHY_FAST_LINK_DOWN_OFF", "ETHTOOL_RX_FLOW_SPEC_RING",
    "ETHTOOL_RX_FLOW_SPEC_RING_VF",
};

// A header's text without comments; empty if there is no such header.
std::string ReadHeader(const std::string& name) {
  std::ifstream file(UAPI_INCLUDE_DIR "/linux/" + name);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  std::string code = text.str();
  for (auto begin = code.find("/*"); begin != code.npos; begin = code.find("/*", begin)) {
    const auto end = code.find("*/", begin);
    code.erase(begin, end == code.npos ? end : end + 2 - begin);
  }
  return code;
}

NumberByName IoctlCommandsOfTheHeader() {
  const std::string header = ReadHeader("ethtool.h");
  const std::regex define(R"(#\s*define\s+(ETHTOOL_\w+)\s+0[xX]([0-9a-fA-F]+))");
  NumberByName commands;
  for (std::sregex_iterator match(header.begin(), header.end(), define), end; match != end;
       ++match) {
    if (kNotCommands.contains((*match)[1])) continue;
    commands[(*match)[1]] = static_cast<std::uint32_t>(std::stoul((*match)[2], nullptr, 16));
  }
  return commands;
}

// The enum from ETHTOOL_MSG_USER_NONE (0) to __ETHTOOL_MSG_USER_CNT. Newer headers have it in a
// file of its own.
NumberByName NetlinkCommandsOfTheHeader() {
  const std::string headers =
      ReadHeader("ethtool_netlink.h") + ReadHeader("ethtool_netlink_generated.h");
  const std::string enumerators =
      headers.substr(std::min(headers.find("ETHTOOL_MSG_USER_NONE"), headers.size()));
  const std::regex enumerator(R"((\w+)\s*(?:=\s*(\d+))?\s*,)");
  NumberByName commands;
  std::uint32_t number = 0;
  for (std::sregex_iterator match(enumerators.begin(), enumerators.end(), enumerator), end;
       match != end && (*match)[1] != "__ETHTOOL_MSG_USER_CNT"; ++match, ++number) {
    if ((*match)[2].matched) number = static_cast<std::uint32_t>(std::stoul((*match)[2]));
    if (number != 0) commands[(*match)[1]] = number;
  }
  return commands;
}

std::vector<EthtoolCommand> AllCommands() {
  const auto ioctl = EthtoolIoctlCommands();
  const auto netlink = EthtoolNetlinkCommands();
  std::vector<EthtoolCommand> all(ioctl.begin(), ioctl.end());
  all.insert(all.end(), netlink.begin(), netlink.end());
  return all;
}

std::vector<std::string> Options(const EthtoolCommand& command) {
  std::vector<std::string> options;
  std::istringstream text{std::string(command.options)};
  for (std::string option; std::getline(text, option, ',');) options.push_back(option);
  return options;
}

// Commands that list `option`.
std::set<std::string> SentBy(const std::string& option) {
  std::set<std::string> names;
  for (const EthtoolCommand& command : AllCommands()) {
    const std::vector<std::string> options = Options(command);
    if (std::find(options.begin(), options.end(), option) != options.end()) {
      names.emplace(command.name);
    }
  }
  return names;
}

TEST(EthtoolNames, CoverEveryCommandOfTheUapiHeader) {
  const NumberByName commands = IoctlCommandsOfTheHeader();
  ASSERT_GE(commands.size(), 80u) << "too few in " UAPI_INCLUDE_DIR "/linux/ethtool.h";
  for (const auto& [name, number] : commands) {
    const EthtoolCommand* known = FindEthtoolIoctl(number);
    ASSERT_NE(known, nullptr) << name << " = " << number;
    EXPECT_EQ(known->name, name) << number;
  }
}

TEST(EthtoolNames, CoverEveryUserMessageOfTheUapiHeader) {
  const NumberByName commands = NetlinkCommandsOfTheHeader();
  ASSERT_GE(commands.size(), 28u) << "too few in " UAPI_INCLUDE_DIR "/linux/ethtool_netlink*.h";
  for (const auto& [name, number] : commands) {
    const EthtoolCommand* known = FindEthtoolNetlink(number);
    ASSERT_NE(known, nullptr) << name << " = " << number;
    EXPECT_EQ(known->name, name) << number;
  }
}

TEST(EthtoolNames, AreSortedByNumberAndUnique) {
  for (const auto commands : {EthtoolIoctlCommands(), EthtoolNetlinkCommands()}) {
    for (std::size_t i = 1; i < commands.size(); ++i) {
      EXPECT_LT(commands[i - 1].number, commands[i].number) << commands[i].name;
    }
  }
  std::set<std::string_view> names;
  for (const EthtoolCommand& command : AllCommands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
  }
}

TEST(EthtoolNames, HaveThePrefixOfTheirTransport) {
  for (const EthtoolCommand& command : EthtoolIoctlCommands()) {
    EXPECT_TRUE(command.name.starts_with("ETHTOOL_")) << command.name;
    EXPECT_FALSE(command.name.starts_with("ETHTOOL_MSG_")) << command.name;
  }
  for (const EthtoolCommand& command : EthtoolNetlinkCommands()) {
    EXPECT_TRUE(command.name.starts_with("ETHTOOL_MSG_")) << command.name;
  }
}

TEST(EthtoolNames, HaveOneOfThreeKindsOfAccess) {
  for (const EthtoolCommand& command : AllCommands()) {
    EXPECT_TRUE(command.access == "get" || command.access == "set" || command.access == "act")
        << command.name;
  }
}

TEST(EthtoolNames, HaveOptionsThatLookLikeOptions) {
  const std::regex option_form("-[A-Za-z]|--[a-z]+(-[a-z]+)*");
  for (const EthtoolCommand& command : AllCommands()) {
    EXPECT_FALSE(command.options.ends_with(',')) << command.name;
    for (const std::string& option : Options(command)) {
      EXPECT_TRUE(std::regex_match(option, option_form)) << command.name << ": " << option;
    }
  }
}

TEST(EthtoolNames, HaveTheirOptionsInOneOrder) {
  const auto order = [](const std::string& option) {
    const bool is_long = option.starts_with("--");
    const auto letter = static_cast<unsigned char>(option[1]);
    return std::tuple(is_long, std::tolower(letter), std::isupper(letter) != 0, option);
  };
  for (const EthtoolCommand& command : AllCommands()) {
    const std::vector<std::string> options = Options(command);
    for (std::size_t i = 1; i < options.size(); ++i) {
      EXPECT_LT(order(options[i - 1]), order(options[i])) << command.name;
    }
  }
}

TEST(EthtoolNames, NameTheThreeCommandsThatReadAModule) {
  const std::set<std::string> names = {"ETHTOOL_GMODULEINFO", "ETHTOOL_GMODULEEEPROM",
                                       "ETHTOOL_MSG_MODULE_EEPROM_GET"};
  EXPECT_EQ(SentBy("-m"), names);
  for (const EthtoolCommand& command : AllCommands()) {
    if (names.contains(std::string(command.name))) {
      EXPECT_EQ(command.option, "-m") << command.name;
    }
  }
}

TEST(EthtoolNames, NameTheOptionThatAPersonWouldName) {
  ASSERT_NE(FindEthtoolIoctl(0x03), nullptr);
  EXPECT_EQ(FindEthtoolIoctl(0x03)->name, "ETHTOOL_GDRVINFO");
  EXPECT_EQ(FindEthtoolIoctl(0x03)->option, "-i");
  EXPECT_EQ(FindEthtoolIoctl(0x03)->options, "-d,-e,-E,-i");
}

TEST(EthtoolNames, HaveAnOptionThatSendsTheCommand) {
  for (const EthtoolCommand& command : AllCommands()) {
    if (command.option.empty()) continue;
    EXPECT_THAT(Options(command), testing::Contains(std::string(command.option))) << command.name;
  }
}

// "-s" and "--set-eee" change something; what only reads must not look like it.
TEST(EthtoolNames, HaveNoOptionThatSetsForACommandThatReads) {
  std::set<std::string> setting;
  for (const EthtoolCommand& command : AllCommands()) {
    if (command.access == "set" && !command.option.empty())
      setting.insert(std::string(command.option));
  }
  EXPECT_TRUE(setting.contains("-s"));
  for (const EthtoolCommand& command : AllCommands()) {
    if (command.access == "get") {
      EXPECT_FALSE(setting.contains(std::string(command.option))) << command.name;
    }
  }
}

TEST(EthtoolNames, HaveNoOptionForWhatOnlyPlainEthtoolSends) {
  for (const EthtoolCommand& command : AllCommands()) {
    const std::set<std::string_view> plain = {
        "ETHTOOL_GLINKSETTINGS",    "ETHTOOL_GSET",        "ETHTOOL_GWOL",
        "ETHTOOL_GMSGLVL",          "ETHTOOL_GLINK",       "ETHTOOL_MSG_LINKMODES_GET",
        "ETHTOOL_MSG_LINKINFO_GET", "ETHTOOL_MSG_WOL_GET", "ETHTOOL_MSG_DEBUG_GET",
        "ETHTOOL_MSG_LINKSTATE_GET"};
    if (plain.contains(command.name)) {
      EXPECT_EQ(command.option, "") << command.name;
    }
  }
}

TEST(EthtoolNames, AreNotFoundForAnUnknownNumber) {
  constexpr std::uint32_t kLargest = std::numeric_limits<std::uint32_t>::max();
  for (const std::uint32_t number : {std::uint32_t{0}, std::uint32_t{1000}, kLargest}) {
    EXPECT_EQ(FindEthtoolIoctl(number), nullptr) << number;
    EXPECT_EQ(FindEthtoolNetlink(number), nullptr) << number;
  }
  EXPECT_EQ(FindEthtoolIoctl(0x0d), nullptr) << "a hole in the middle";
}

// --- docs/ethtool-options.md ---------------------------------------------------------------------

std::string Code(std::string_view text) {
  return text.empty() ? "" : "`" + std::string(text) + "`";
}

std::string OptionsPage() {
  std::ostringstream page;
  page << "# Commands and options of ethtool\n\n"
          "Each command with the values of the labels `option` and `access`, and the field "
          "`options` of events: all\n"
          "options of ethtool 5.0 to 7.0 that send it. A test compares this page with the "
          "exporter's table.\n\n"
          "| command | option | access | all options |\n| --- | --- | --- | --- |\n";
  for (const EthtoolCommand& command : AllCommands()) {
    page << "| " << Code(command.name) << " | " << Code(command.option) << " | " << command.access
         << " | " << Code(command.options) << " |\n";
  }
  return page.str();
}

TEST(EthtoolNames, AreThoseOfTheDocumentation) {
  const std::string file = SOURCE_DIR "/docs/ethtool-options.md";
  if (const char* update = std::getenv("UPDATE_GOLDEN"); update && std::string(update) == "1") {
    ASSERT_TRUE(std::ofstream(file, std::ios::binary) << OptionsPage()) << file;
    FAIL() << "wrote " << file << ": review its diff, then run the test without UPDATE_GOLDEN";
  }
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  EXPECT_EQ(text.str(), OptionsPage()) << "if this is wanted: UPDATE_GOLDEN=1";
}

}  // namespace
}  // namespace netchange
