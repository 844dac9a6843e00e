// SPDX-License-Identifier: Apache-2.0
#include "events/formats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <ctime>
#include <nlohmann/json.hpp>
#include <set>

#include "support.h"

namespace netchange {
namespace {

using nlohmann::json;
using namespace std::string_literals;

constexpr std::int64_t kTime = 1'700'000'005'000'123'456;  // 2023-11-14T22:13:25.000123456Z

// Sets the local time zone until the end of the test.
class TimeZone {
 public:
  explicit TimeZone(const char* zone) {
    setenv("TZ", zone, 1);
    tzset();
  }
  ~TimeZone() {
    unsetenv("TZ");
    tzset();
  }
};

Change Example() {
  Change change;
  change.time_ns = kTime;
  change.duration_ns = 1'500'000;
  change.collector = "xdp";
  change.device = "eth0";
  change.pid = 4242;
  change.process = "ip";
  change.parent_pid = 4000;
  change.parent = "bash";
  change.unit = "session.scope";
  change.cgroup = "/user.slice/user-1000.slice/session-3.scope";
  change.uid = 1000;
  change.loginuid = 1000;
  change.exe = "/usr/sbin/ip";
  change.result = "EPERM";
  change.description = {
      "xdp attach native", "none → pass#12", {{"operation", "attach"}, {"mode", "native"}}};
  return change;
}

TEST(TextHeader, NamesEveryColumn) {
  EXPECT_EQ(TextHeader(),
            "TIME            DEVICE               PID PROCESS            PPID PARENT          "
            "UNIT                       UID RESULT     "
            "WHAT                                         CHANGE                       EXE");
}

TEST(TextLine, IsAlignedWithTheHeader) {
  const TimeZone utc("UTC");
  EXPECT_EQ(
      TextLine(Example()),
      "22:13:25.000123 eth0                4242 ip                 4000 bash            "
      "session.scope             1000 EPERM      "
      "xdp attach native                            none → pass#12               /usr/sbin/ip");
}

TEST(Formats, EndWithTheMessageWhereThereIsOne) {
  Change change = Example();
  const std::string line = TextLine(change);
  EXPECT_FALSE(nlohmann::json::parse(JsonLine(change)).contains("message"));
  change.description.message = "too large";
  EXPECT_EQ(TextLine(change), line + "  too large");
  EXPECT_EQ(nlohmann::json::parse(JsonLine(change))["message"], "too large");
  change.description.words = "-G, --set-ring: set the sizes";
  EXPECT_EQ(TextLine(change), line + "  -G, --set-ring: set the sizes  too large");
}

TEST(TextLine, IsInLocalTime) {
  const TimeZone zone("TEST-05:30");
  EXPECT_TRUE(TextLine(Example()).starts_with("03:43:25.000123 ")) << TextLine(Example());
}

TEST(TextLine, HasADashForEachEmptyColumn) {
  const TimeZone utc("UTC");
  Change change;
  change.time_ns = kTime;
  change.result = "ok";
  change.description.what = "what";
  EXPECT_EQ(TextLine(change),
            "22:13:25.000123 -                      0 -                     0 -               "
            "-                            0 ok         "
            "what                                         -                            -");
}

TEST(TextLine, NamesTheNamespaceWithTheDevice) {
  Change change = Example();
  change.netns = "blue";
  EXPECT_THAT(TextLine(change), testing::HasSubstr(" eth0@blue           4242 "));
  change.device = "";
  EXPECT_THAT(TextLine(change), testing::HasSubstr(" @blue "));
}

TEST(TextLine, CutsNothingThatIsTooLong) {
  Change change = Example();
  change.device = "a_device_name15";
  change.netns = "a-rather-long-name-of-a-namespace";
  change.pid = 4294967295;
  change.uid = 4294967294;
  change.description.what = std::string(60, 'w');
  change.description.change = std::string(60, 'c');
  const std::string line = TextLine(change);
  for (const std::string& part :
       {change.device + "@" + change.netns + " ", " 4294967295 "s, " 4294967294 "s,
        " " + change.description.what + " " + change.description.change + " "}) {
    EXPECT_THAT(line, testing::HasSubstr(part));
  }
}

// An event of each kind, with `bytes` in every text that the kernel side fills.
std::vector<event> HostileEvents(std::string_view bytes) {
  event e{};
  e.device = Device(bytes, 1);
  e.actor = Actor(bytes, bytes);
  std::copy(bytes.begin(), bytes.end(), e.exe.parts);
  e.exe.length = static_cast<__u16>(bytes.size());
  std::vector<event> events(3, e);
  events[0].collector = COLLECTOR_ETHTOOL;
  events[1].collector = COLLECTOR_XDP;
  for (xdp_program* program : {&events[1].xdp.before, &events[1].xdp.after}) {
    program->id = 1;
    Fill(program->name, bytes);
  }
  events[2].collector = COLLECTOR_SYSCTL;
  Fill(events[2].config.setting, bytes);
  for (setting_value* value : {&events[2].config.old_value, &events[2].config.written}) {
    value->type = VALUE_TEXT;
    value->size = static_cast<__u32>(bytes.size());
    bytes.copy(reinterpret_cast<char*>(value->bytes), sizeof(value->bytes));
  }
  Fill(events[2].config.detail, bytes);
  return events;
}

// Every single byte, and texts that are harmful only as a whole.
std::vector<std::string> HostileTexts() {
  std::vector<std::string> texts = {"\x1b]0;x\x07", "\x1b[2J", "\u009b2J", "a\u202eb",
                                    "\r\n",         "\xc2",    "\xe2\x80", "\xed\xa0\x80"};
  for (int byte = 0; byte < 256; ++byte) texts.emplace_back(1, static_cast<char>(byte));
  return texts;
}

TEST(TextLine, HoldsNoByteThatATerminalObeys) {
  TestContext test;
  for (const std::string& text : HostileTexts()) {
    for (const event& e : HostileEvents(text)) {
      const std::string line = TextLine(DescribeEvent(e, test.context));
      EXPECT_TRUE(IsHarmless(line)) << e.collector << ": " << testing::PrintToString(text);
      EXPECT_EQ(line.find("\u202e"), std::string::npos);
    }
  }
}

TEST(JsonLine, ParsesWithAnyText) {
  TestContext test;
  for (const std::string& text : HostileTexts()) {
    for (const event& e : HostileEvents(text)) {
      const Change change = DescribeEvent(e, test.context);
      const std::string line = JsonLine(change);
      EXPECT_TRUE(IsHarmless(line)) << testing::PrintToString(text);
      const json parsed = json::parse(line, nullptr, false);
      ASSERT_TRUE(parsed.is_object()) << line;
      EXPECT_EQ(parsed.value("process", ""), change.process);
      EXPECT_EQ(parsed.value("device", ""), change.device);
    }
  }
}

TEST(JsonLine, HasTheFieldsInTheirOrder) {
  EXPECT_EQ(
      JsonLine(Example()),
      R"({"time":"2023-11-14T22:13:25.000123456Z","collector":"xdp","device":"eth0","pid":4242,)"
      R"("process":"ip","parent_pid":4000,"parent":"bash",)"
      R"("unit":"session.scope","cgroup":"/user.slice/user-1000.slice/session-3.scope",)"
      R"("uid":1000,"loginuid":1000,"exe":"/usr/sbin/ip","result":"EPERM",)"
      R"("duration_seconds":0.0015,"operation":"attach","mode":"native"})");
}

TEST(JsonLine, HasTypedValuesAndNoEmptyOnes) {
  Change change = Example();
  change.description.fields = {{"text", "3"},
                               {"empty", ""},
                               {"number", std::int64_t{-3}},
                               {"zero", std::int64_t{0}},
                               {"no", false}};
  change.loginuid.reset();
  const json parsed = json::parse(JsonLine(change));
  EXPECT_EQ(parsed.at("text"), "3");
  EXPECT_FALSE(parsed.contains("empty"));
  EXPECT_EQ(parsed.at("number"), -3);
  EXPECT_EQ(parsed.at("zero"), 0);
  EXPECT_EQ(parsed.at("no"), false);
  EXPECT_FALSE(parsed.contains("netns"));
  EXPECT_FALSE(parsed.contains("loginuid"));
}

TEST(JsonLine, HasEveryKeyOnce) {
  TestContext test;
  for (const event& e : HostileEvents("x")) {
    const std::string line = JsonLine(DescribeEvent(e, test.context));
    std::set<std::string> keys;
    const auto check = [&](int, json::parse_event_t what, json& parsed) {
      if (what == json::parse_event_t::key) {
        EXPECT_TRUE(keys.insert(parsed.get<std::string>()).second) << parsed;
      }
      return true;
    };
    EXPECT_TRUE(json::parse(line, check, false).is_object());
    EXPECT_GE(keys.size(), 12u) << line;
  }
}

TEST(JsonLine, KeepsLargeNumbersWhole) {
  Change change = Example();
  change.pid = 4294967295;
  change.uid = 4294967295;
  const json parsed = json::parse(JsonLine(change));
  EXPECT_EQ(parsed.at("pid").get<std::uint64_t>(), 4294967295u);
  EXPECT_EQ(parsed.at("uid").get<std::uint64_t>(), 4294967295u);
}

TEST(JsonArray, HoldsTheSameObjects) {
  EXPECT_EQ(JsonArray({}), "[]\n");
  Change second = Example();
  second.pid = 7;
  const std::string text = JsonArray({Example(), second});
  EXPECT_TRUE(text.ends_with("]\n"));
  EXPECT_EQ(json::parse(text),
            json::array({json::parse(JsonLine(Example())), json::parse(JsonLine(second))}));
}

TEST(Rfc3339, WritesUtcWithNanoseconds) {
  const TimeZone elsewhere("TEST-05:30");
  EXPECT_EQ(Rfc3339(kTime), "2023-11-14T22:13:25.000123456Z");
  EXPECT_EQ(Rfc3339(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(Rfc3339(1'709'209'799'999'999'999), "2024-02-29T12:29:59.999999999Z");
}

}  // namespace
}  // namespace netchange
