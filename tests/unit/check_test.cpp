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
  EXPECT_EQ(CheckStatus({{Traced(), BySystemCall()}, {}, {}}), 0);
  EXPECT_EQ(CheckStatus({{Traced(), Blind()}, {}, {}}), 1);
  EXPECT_EQ(CheckStatus({{Blind(), Blind()}, {}, {}}), 2);
}

CheckedEvent Event(double counted, const char* failure = "") {
  return {"sysctl", "a write", {"kprobe"}, failure, counted};
}

TEST(CheckStatus, IsThatOfTheWorst) {
  EXPECT_EQ(CheckStatus({{Traced()}, {}, {Event(1), Event(1)}}), 0);
  EXPECT_EQ(CheckStatus({{Traced()}, {}, {Event(1), Event(0)}}), 1);
  EXPECT_EQ(CheckStatus({{Traced()}, {}, {Event(1), Event(2)}}), 1);
  EXPECT_EQ(CheckStatus({{Traced()}, {}, {Event(1), Event(1, "read-only")}}), 1);
  EXPECT_EQ(CheckStatus({{Traced()}, {}, {Event(0), Event(0)}}), 2);
  EXPECT_EQ(CheckStatus({{Traced(), Blind()}, {}, {Event(1)}}), 1);
}

TEST(CheckText, SaysWhatBecameOfEachEvent) {
  CheckedEvent blind = Event(0);
  blind.backends = {};
  EXPECT_EQ(CheckText({{}, {}, {Event(1), Event(0), Event(2), Event(0, "EROFS\n"), blind}}),
            "events:\n"
            "  sysctl: a write: counted once (kprobe)\n"
            "  sysctl: a write: NOT COUNTED\n"
            "  sysctl: a write: COUNTED 2 TIMES\n"
            "  sysctl: a write: NOT MADE: EROFS\\x0a\n"
            "  sysctl: a write: NOT COUNTED: the collector is blind\n");
}

TEST(CheckText, EndsWithTheNotes) {
  EXPECT_EQ(CheckText({{Traced()}, {"one", "two"}, {}}), "ethtool: OK (fexit)\none\ntwo\n");
}

TEST(CheckText, NamesTheBackend) {
  EXPECT_EQ(CheckText({{Traced()}, {}, {}}), "ethtool: OK (fexit)\n");
}

TEST(CheckText, SaysWhatIsNotAttachedAndWhy) {
  CheckedCollector collector = Traced();
  collector.probes.push_back(
      {"genl_rcv_msg", std::nullopt, "this kernel has no function genl_rcv_msg"});
  EXPECT_EQ(CheckText({{collector}, {}, {}}),
            "ethtool: OK (fexit)\n"
            "  genl_rcv_msg: this kernel has no function genl_rcv_msg\n");
}

TEST(CheckText, SaysWhatSystemCallsDoNotTellAndWhyTheyAreTaken) {
  EXPECT_EQ(CheckText({{BySystemCall()}, {}, {}}),
            "ethtool: OK (syscall)\n"
            "  better backends unavailable: kprobe: no\\x1b[2J\n"
            "  limitations: 32-bit programs\n");
}

TEST(CheckText, SaysWhyNothingIsSeen) {
  EXPECT_EQ(CheckText({{Blind()}, {}, {}}), "xdp: FAILED\n  missing capabilities\n");
}

TEST(CheckText, DoesNotSpeakOfBetterWaysThatNobodyAskedFor) {
  CheckedCollector collector = BySystemCall();
  collector.probes.erase(collector.probes.begin());
  EXPECT_THAT(CheckText({{collector}, {}, {}}), Not(HasSubstr("unavailable")));
}

TEST(CheckJson, HasTheSameForPrograms) {
  const auto json = nlohmann::json::parse(CheckJson({{BySystemCall(), Blind()}, {"one"}, {}}));
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

TEST(CheckJson, HasTheEvents) {
  const auto json =
      nlohmann::json::parse(CheckJson({{Traced()}, {}, {Event(1), Event(0, "EROFS")}}));
  EXPECT_EQ(json["status"], 1);
  EXPECT_EQ(json["events"][0], nlohmann::json({{"collector", "sysctl"},
                                               {"event", "a write"},
                                               {"ok", true},
                                               {"backends", {"kprobe"}},
                                               {"counted", 1.0}}));
  EXPECT_EQ(json["events"][1]["ok"], false);
  EXPECT_EQ(json["events"][1]["reason"], "EROFS");
}

TEST(CountedOn, IsTheSumOfTheEventsOfThisProcessInThisNamespace) {
  const HarmlessEvent event{"sysctl", "", "writes", {{"device", "nccheck0"}, {"kind", "sysctl"}}};
  const std::string rest = R"(,comm="netchange_check",kind="sysctl")";
  const std::string page =
      "# TYPE writes counter\n"
      "writes{device=\"nccheck0\",netns=\"5\",unit=\"a\"" +
      rest +
      "} 1\n"
      "writes{device=\"nccheck0\",netns=\"5\",unit=\"b\"" +
      rest +
      "} 2\n"
      "writes{device=\"nccheck0\"" +
      rest +
      "} 4\n"
      "writes{device=\"nccheck0\",netns=\"6\"" +
      rest +
      "} 8\n"
      "writes{device=\"nccheck0\",parent_comm=\"netchange_check\",comm=\"a\","
      "kind=\"sysctl\"} 16\n"
      "writes_more{device=\"nccheck0\"" +
      rest +
      "} 32\n"
      "writes{device=\"nccheck01\"" +
      rest + "} 64\n";
  EXPECT_EQ(CountedOn(page, event, "5"), 7);
}

}  // namespace
}  // namespace netchange
