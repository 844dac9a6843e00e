// SPDX-License-Identifier: Apache-2.0
#include "util/log.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support.h"
#include "util/text.h"

namespace netchange {
namespace {

using nlohmann::json;
using namespace std::string_literals;

// Values that would break out of a line, a quotation or a terminal if they were not escaped.
std::vector<std::string> HostileValues() {
  std::vector<std::string> values = {"",        "a b",    "a=b",     "\"quoted\"", "back\\slash",
                                     "\"},{\"", "a\r\nb", "\x1b[2J", "\xff\xfe",   "nul\0nul"s,
                                     "\u009b",  "\u202e", "{}",      "%s%v",       "' x='"};
  for (int byte = 0; byte < 256; ++byte) values.emplace_back(1, static_cast<char>(byte));
  return values;
}

TEST(FormatLogLine, WritesLogfmt) {
  EXPECT_EQ(FormatLogLine(LogFormat::kLogfmt, "listening", {}), R"(msg="listening")");
  EXPECT_EQ(FormatLogLine(LogFormat::kLogfmt, "not attached",
                          {{"probe", "dev_ethtool"}, {"errno", "-1"}}),
            R"(msg="not attached" probe=dev_ethtool errno=-1)");
}

TEST(FormatLogLine, QuotesLogfmtValuesThatNeedIt) {
  const struct {
    std::string value;
    std::string written;
  } cases[] = {
      {"plain", "plain"},
      {":10417", ":10417"},
      {"é→", "é→"},
      {"", R"("")"},
      {"a b", R"("a b")"},
      {"a=b", R"("a=b")"},
      {R"(a"b)", R"("a\"b")"},
      {R"(a\b)", R"("a\\b")"},
      {"a\nb", R"("a\\x0ab")"},
      {"\x1b[2J", R"("\\x1b[2J")"},
      {"\xff", R"("\\xff")"},
      {"a\0b"s, R"("a\\x00b")"},
  };
  for (const auto& [value, written] : cases) {
    EXPECT_EQ(FormatLogLine(LogFormat::kLogfmt, "m", {{"k", value}}), R"(msg="m" k=)" + written);
  }
}

TEST(FormatLogLine, WritesJson) {
  EXPECT_EQ(FormatLogLine(LogFormat::kJson, "not attached",
                          {{"probe", "dev_ethtool"}, {"reason", "a \"b\""}}),
            R"("msg":"not attached","probe":"dev_ethtool","reason":"a \"b\"")");
}

TEST(FormatLogLine, StaysOneHarmlessLineWithAnyValue) {
  for (const std::string& value : HostileValues()) {
    for (const LogFormat format : {LogFormat::kLogfmt, LogFormat::kJson}) {
      EXPECT_TRUE(IsHarmless(FormatLogLine(format, value, {{"key", value}}))) << value;
    }
  }
}

TEST(FormatLogLine, MakesJsonThatParsesWithAnyValue) {
  for (const std::string& value : HostileValues()) {
    const std::string line =
        FormatLogLine(LogFormat::kJson, value, {{"key", value}, {value + "2", "x"}});
    const json parsed = json::parse("{" + line + "}", nullptr, false);
    ASSERT_TRUE(parsed.is_object()) << line;
    const std::string text = PrintableText(std::string_view(value));
    EXPECT_EQ(parsed, (json{{"msg", text}, {"key", text}, {text + "2", "x"}}));
  }
}

TEST(FormatLogLine, MakesLogfmtQuotationsThatParseWithAnyValue) {
  const std::string before = R"(msg="m" key=)";
  for (const std::string& value : HostileValues()) {
    const std::string line = FormatLogLine(LogFormat::kLogfmt, "m", {{"key", value}});
    ASSERT_TRUE(line.starts_with(before)) << line;
    const std::string written = line.substr(before.size());
    if (written.starts_with('"')) {
      const json parsed = json::parse(written, nullptr, false);
      EXPECT_EQ(parsed, json(PrintableText(std::string_view(value)))) << line;
    } else {
      EXPECT_EQ(written, value);
      EXPECT_EQ(written.find_first_of(" =\"\\"), std::string::npos) << line;
    }
  }
}

// Logs one message of each level, and returns the text on standard error.
std::string LogEach(LogLevel level, LogFormat format) {
  spdlog::drop("netchange");  // left by an earlier test
  testing::internal::CaptureStderr();
  SetUpLog(level, format);
  LogDebug("first {} %v", {{"n", "1"}});
  LogInfo("second {} %v", {{"n", "2"}});
  LogWarn("third {} %v", {{"n", "3"}});
  LogError("fourth {} %v", {{"n", "4"}});
  spdlog::default_logger()->flush();
  return testing::internal::GetCapturedStderr();
}

std::vector<json> ParseLines(const std::string& text) {
  std::vector<json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    lines.push_back(json::parse(line, nullptr, false));
  return lines;
}

TEST(Log, WritesJsonObjectsToStandardError) {
  const auto lines = ParseLines(LogEach(LogLevel::kDebug, LogFormat::kJson));
  ASSERT_EQ(lines.size(), 4u);
  const char* const messages[] = {"first {} %v", "second {} %v", "third {} %v", "fourth {} %v"};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    ASSERT_TRUE(lines[i].is_object()) << i;
    EXPECT_EQ(lines[i].size(), 4u);
    EXPECT_EQ(lines[i].at("msg"), messages[i]);
    EXPECT_EQ(lines[i].at("n"), std::to_string(i + 1));
    EXPECT_EQ(lines[i].at("time").get<std::string>().size(),
              std::string("2026-11-21T12:00:00.123Z").size());
  }
}

TEST(Log, WritesOnlyItsLevelAndAbove) {
  const std::pair<LogLevel, std::size_t> cases[] = {
      {LogLevel::kDebug, 4}, {LogLevel::kInfo, 3}, {LogLevel::kWarn, 2}, {LogLevel::kError, 1}};
  for (const auto& [level, count] : cases) {
    const auto lines = ParseLines(LogEach(level, LogFormat::kJson));
    ASSERT_EQ(lines.size(), count);
    EXPECT_EQ(lines.back().at("msg"), "fourth {} %v");
  }
}

TEST(Log, NamesLevelsAsTheFlagDoes) {
  const auto lines = ParseLines(LogEach(LogLevel::kDebug, LogFormat::kJson));
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0].at("level"), "debug");
  EXPECT_EQ(lines[1].at("level"), "info");
  EXPECT_EQ(lines[2].at("level"), "warn");
  EXPECT_EQ(lines[3].at("level"), "error");
}

TEST(Log, WritesLogfmtLines) {
  const std::string text = LogEach(LogLevel::kError, LogFormat::kLogfmt);
  const auto level = text.find(" level=error ");
  ASSERT_NE(level, std::string::npos) << text;
  EXPECT_TRUE(text.starts_with("time=2")) << text;
  EXPECT_EQ(text.substr(level), " level=error msg=\"fourth {} %v\" n=4\n");
}

}  // namespace
}  // namespace netchange
