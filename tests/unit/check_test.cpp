// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace netchange {
namespace {

using testing::HasSubstr;
using testing::Not;

CheckedCollector Traced() {
  return {"ethtool", "commands", {{"dev_ethtool", Backend::kFexit, ""}}, "", "32-bit programs"};
}

CheckedCollector BySystemCall() {
  return {
      "ethtool",
      "commands",
      {{"dev_ethtool", std::nullopt, "kprobe: no\x1b[2J"}, {"sys_ioctl", Backend::kSyscall, ""}},
      "",
      "32-bit programs"};
}

CheckedCollector Blind() { return {"xdp", "programs", {}, "missing capabilities", ""}; }

TEST(CheckStatus, TellsAllFromSomeFromNone) {
  EXPECT_EQ(CheckStatus(std::vector{Traced(), BySystemCall()}), 0);
  EXPECT_EQ(CheckStatus(std::vector{Traced(), Blind()}), 1);
  EXPECT_EQ(CheckStatus(std::vector{Blind(), Blind()}), 2);
}

TEST(CheckText, EndsWithTheNotes) {
  EXPECT_EQ(CheckText(std::vector{Traced()}, std::vector<std::string>{"one", "two"}),
            "ethtool: OK (fexit)\none\ntwo\n");
}

TEST(CheckText, NamesTheBackend) {
  EXPECT_EQ(CheckText(std::vector{Traced()}), "ethtool: OK (fexit)\n");
}

TEST(CheckText, SaysWhatIsNotAttachedAndWhy) {
  CheckedCollector collector = Traced();
  collector.probes.push_back(
      {"genl_rcv_msg", std::nullopt, "this kernel has no function genl_rcv_msg"});
  EXPECT_EQ(CheckText(std::vector{collector}),
            "ethtool: OK (fexit)\n"
            "  genl_rcv_msg: this kernel has no function genl_rcv_msg\n");
}

TEST(CheckText, SaysWhatSystemCallsDoNotTellAndWhyTheyAreTaken) {
  EXPECT_EQ(CheckText(std::vector{BySystemCall()}),
            "ethtool: OK (syscall)\n"
            "  better backends unavailable: kprobe: no\\x1b[2J\n"
            "  limitations: 32-bit programs\n");
}

TEST(CheckText, SaysWhyNothingIsSeen) {
  EXPECT_EQ(CheckText(std::vector{Blind()}), "xdp: FAILED\n  missing capabilities\n");
}

TEST(CheckText, DoesNotSpeakOfBetterWaysThatNobodyAskedFor) {
  CheckedCollector collector = BySystemCall();
  collector.probes.erase(collector.probes.begin());
  EXPECT_THAT(CheckText(std::vector{collector}), Not(HasSubstr("unavailable")));
}

TEST(CheckJson, HasTheSameForPrograms) {
  const auto json = nlohmann::json::parse(
      CheckJson(std::vector{BySystemCall(), Blind()}, std::vector<std::string>{"one"}));
  EXPECT_EQ(json["notes"], nlohmann::json({"one"}));
  EXPECT_EQ(json["status"], 1);
  const auto& ethtool = json["collectors"][0];
  EXPECT_EQ(ethtool["collector"], "ethtool");
  EXPECT_EQ(ethtool["ok"], true);
  EXPECT_EQ(ethtool["backends"], nlohmann::json({"syscall"}));
  EXPECT_EQ(ethtool["limitations"], "32-bit programs");
  EXPECT_EQ(ethtool["probes"][0],
            nlohmann::json(
                {{"probe", "dev_ethtool"}, {"attached", false}, {"reason", "kprobe: no\\x1b[2J"}}));
  EXPECT_EQ(ethtool["probes"][1],
            nlohmann::json({{"probe", "sys_ioctl"}, {"attached", true}, {"backend", "syscall"}}));
  EXPECT_EQ(json["collectors"][1]["ok"], false);
  EXPECT_EQ(json["collectors"][1]["reason"], "missing capabilities");
}

}  // namespace
}  // namespace netchange
