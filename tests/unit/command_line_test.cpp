// SPDX-License-Identifier: Apache-2.0
#include "command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "collectors/collector.h"
#include "support.h"
#include "version.h"

namespace netchange {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;

CommandLine Parse(const std::vector<std::string>& arguments) {
  std::vector<const char*> argv = {"netchange_exporter"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  return ParseCommandLine(static_cast<int>(argv.size()), argv.data());
}

// The command of a valid command line.
Command CommandOf(const std::vector<std::string>& arguments) {
  const CommandLine line = Parse(arguments);
  EXPECT_TRUE(line.command) << line.text;
  EXPECT_EQ(line.status, 0);
  EXPECT_EQ(line.text, "");
  return line.command.value_or(Command());
}

// The one error line of an invalid command line, without its newline.
std::string ErrorOf(const std::vector<std::string>& arguments, int status) {
  const CommandLine line = Parse(arguments);
  EXPECT_FALSE(line.command);
  EXPECT_EQ(line.status, status) << line.text;
  EXPECT_EQ(std::count(line.text.begin(), line.text.end(), '\n'), 1) << line.text;
  EXPECT_TRUE(line.text.ends_with('\n')) << line.text;
  return line.text.substr(0, line.text.find('\n'));
}

TEST(CommandLine, ServesWithTheDefaultsWithoutFlags) {
  const Command command = CommandOf({});
  EXPECT_EQ(command.kind, Command::Kind::kServe);
  EXPECT_THAT(command.config.listen_addresses, ElementsAre(":10417"));
  EXPECT_EQ(command.config.telemetry_path, "/metrics");
  EXPECT_EQ(command.config.log_level, LogLevel::kInfo);
  EXPECT_EQ(command.config.log_format, LogFormat::kLogfmt);
  EXPECT_THAT(command.config.backends, ElementsAreArray(kAllBackends));
  EXPECT_TRUE(command.config.collectors.empty());
}

TEST(CommandLine, TakesListenAddressesRepeatedly) {
  EXPECT_THAT(CommandOf({"--web.listen-address=:1"}).config.listen_addresses, ElementsAre(":1"));
  EXPECT_THAT(CommandOf({"--web.listen-address=:1", "--web.listen-address", "127.0.0.1:2",
                         "--web.listen-address=127.0.0.3:3"})
                  .config.listen_addresses,
              ElementsAre(":1", "127.0.0.1:2", "127.0.0.3:3"));
}

TEST(CommandLine, TakesEveryFlag) {
  EXPECT_EQ(CommandOf({"--web.telemetry-path=/m"}).config.telemetry_path, "/m");
  EXPECT_EQ(CommandOf({"--log.level=error"}).config.log_level, LogLevel::kError);
  EXPECT_EQ(CommandOf({"--log.format=json"}).config.log_format, LogFormat::kJson);
  EXPECT_THAT(CommandOf({"--backend=kprobe"}).config.backends, ElementsAre(Backend::kKprobe));
  EXPECT_THAT(CommandOf({"--backend=auto"}).config.backends, ElementsAreArray(kAllBackends));
}

TEST(CommandLine, SwitchesEveryCollector) {
  for (const CollectorSpec* spec : AllCollectors()) {
    const std::string name = spec->name;
    for (const CollectorSpec* other : AllCollectors()) {
      const Config off = CommandOf({"--no-collector." + name}).config;
      EXPECT_EQ(off.CollectorEnabled(other->name), other != spec) << name << ' ' << other->name;
    }
    EXPECT_TRUE(CommandOf({"--collector." + name}).config.CollectorEnabled(name)) << name;
  }
}

TEST(CommandLine, SwitchesSeveralCollectors) {
  const Config config =
      CommandOf({"--no-collector.xdp", "--no-collector.ethtool", "--collector.sysctl"}).config;
  const std::map<std::string, bool> expected = {
      {"ethtool", false}, {"sysctl", true}, {"xdp", false}};
  EXPECT_EQ(config.collectors, expected);
}

TEST(CommandLine, LetsTheLastOfTwoContraryFlagsWin) {
  EXPECT_FALSE(CommandOf({"--collector.xdp", "--no-collector.xdp"}).config.CollectorEnabled("xdp"));
  EXPECT_TRUE(CommandOf({"--no-collector.xdp", "--collector.xdp"}).config.CollectorEnabled("xdp"));
}

TEST(CommandLine, ReadsTheFile) {
  const TemporaryDirectory directory;
  const std::string file = directory.File("c.yml", "max_entries: 99\ncollectors:\n  xdp: false\n");
  const Config config = CommandOf({"--config.file=" + file}).config;
  EXPECT_EQ(config.max_entries, 99u);
  EXPECT_FALSE(config.CollectorEnabled("xdp"));
}

TEST(CommandLine, LetsFlagsWinOverTheFile) {
  const TemporaryDirectory directory;
  const std::string file = directory.File("c.yml", R"(
web: {listen_addresses: [":1", ":2"], telemetry_path: /file}
log: {level: debug, format: json}
backend: fexit
collectors: {xdp: false, ethtool: true, sysctl: false}
labels: {comm: false}
)");
  const Config config =
      CommandOf({"--web.listen-address=:3", "--web.telemetry-path=/flag", "--log.level=warn",
                 "--log.format=logfmt", "--backend=kprobe", "--collector.xdp",
                 "--no-collector.ethtool", "--config.file=" + file})
          .config;
  EXPECT_THAT(config.listen_addresses, ElementsAre(":3")) << "instead of the file's, not besides";
  EXPECT_EQ(config.telemetry_path, "/flag");
  EXPECT_EQ(config.log_level, LogLevel::kWarn);
  EXPECT_EQ(config.log_format, LogFormat::kLogfmt);
  EXPECT_THAT(config.backends, ElementsAre(Backend::kKprobe));
  EXPECT_TRUE(config.CollectorEnabled("xdp"));
  EXPECT_FALSE(config.CollectorEnabled("ethtool"));
  EXPECT_FALSE(config.CollectorEnabled("sysctl")) << "of the file";
  EXPECT_FALSE(config.label_comm) << "of the file";
}

TEST(CommandLine, LetsFlagsWinAlsoWhereTheyGiveTheDefault) {
  const TemporaryDirectory directory;
  const std::string file =
      directory.File("c.yml", "log: {level: debug}\nweb: {telemetry_path: /file}\n");
  const Config config =
      CommandOf({"--config.file", file, "--log.level=info", "--web.telemetry-path=/metrics"})
          .config;
  EXPECT_EQ(config.log_level, LogLevel::kInfo);
  EXPECT_EQ(config.telemetry_path, "/metrics");
}

TEST(CommandLine, ChecksTheConfiguration) {
  EXPECT_EQ(CommandOf({"--config.check"}).kind, Command::Kind::kCheckConfig);
  EXPECT_EQ(
      CommandOf({"--config.check", "--config.file=" SOURCE_DIR "/deploy/netchange_exporter.yml"})
          .kind,
      Command::Kind::kCheckConfig);
  EXPECT_EQ(CommandOf({"watch", "--config.check"}).kind, Command::Kind::kCheckConfig);
}

TEST(CommandLine, Watches) {
  EXPECT_EQ(CommandOf({"watch"}).kind, Command::Kind::kWatch);
  EXPECT_EQ(CommandOf({"watch"}).output, OutputFormat::kText);
  EXPECT_EQ(CommandOf({"watch", "--output=text"}).output, OutputFormat::kText);
  EXPECT_EQ(CommandOf({"watch", "--output=json"}).output, OutputFormat::kJson);
  EXPECT_EQ(CommandOf({"watch", "--output", "json"}).output, OutputFormat::kJson);
}

TEST(CommandLine, ChecksWithoutTheSameWarningsInTheLog) {
  EXPECT_EQ(CommandOf({"check"}).kind, Command::Kind::kCheck);
  EXPECT_EQ(CommandOf({"check"}).output, OutputFormat::kText);
  EXPECT_FALSE(CommandOf({"check"}).with_events);
  EXPECT_TRUE(CommandOf({"check", "--events"}).with_events);
  EXPECT_EQ(Parse({"--events"}).status, 2) << "only of check";
  EXPECT_EQ(CommandOf({"check", "--output=json"}).output, OutputFormat::kJson);
  EXPECT_EQ(CommandOf({"check"}).config.log_level, LogLevel::kError);
  EXPECT_EQ(CommandOf({"check", "--log.level=debug"}).config.log_level, LogLevel::kDebug);
  EXPECT_EQ(CommandOf({"check", "--backend=syscall"}).config.backends.size(), 1u);
}

TEST(CommandLine, TakesTheOtherFlagsBeforeAndBehindWatch) {
  const Command before = CommandOf({"--no-collector.xdp", "watch", "--output=json"});
  EXPECT_EQ(before.kind, Command::Kind::kWatch);
  EXPECT_FALSE(before.config.CollectorEnabled("xdp"));
  const Command behind =
      CommandOf({"watch", "--output=json", "--no-collector.xdp", "--log.level=debug"});
  EXPECT_EQ(behind.kind, Command::Kind::kWatch);
  EXPECT_EQ(behind.output, OutputFormat::kJson);
  EXPECT_FALSE(behind.config.CollectorEnabled("xdp"));
  EXPECT_EQ(behind.config.log_level, LogLevel::kDebug);
}

TEST(CommandLine, RefusesUnknownFlagsAndWords) {
  for (const char* word : {"--no-such-flag", "--collector.nothing", "--no-collector.nothing",
                           "serve", "-x", "--output=json", "--no-log.level", "--log.levels=info"}) {
    EXPECT_THAT(ErrorOf({word}, 2),
                HasSubstr(std::string(word).substr(0, std::string(word).find('='))))
        << word;
  }
  EXPECT_THAT(ErrorOf({"watch", "more"}, 2), HasSubstr("more"));
}

TEST(CommandLine, RefusesBadValuesWithTheNameOfTheFlag) {
  const struct {
    const char* flag;
    const char* value;
  } cases[] = {
      {"--web.listen-address", ":70000"},
      {"--web.listen-address", "localhost"},
      {"--web.telemetry-path", "metrics"},
      {"--web.telemetry-path", "/"},
      {"--log.level", "loud"},
      {"--log.level", "0"},
      {"--log.format", "xml"},
      {"--backend", "magic"},
      {"--backend", "1"},
  };
  for (const auto& [flag, value] : cases) {
    const std::string error = ErrorOf({std::string(flag) + "=" + value}, 2);
    EXPECT_THAT(error, HasSubstr(flag));
    EXPECT_THAT(error, HasSubstr('"' + std::string(value) + '"'));
    EXPECT_THAT(error, testing::EndsWith("(see --help)"));
  }
  EXPECT_THAT(ErrorOf({"watch", "--output=xml"}, 2), HasSubstr("--output"));
}

TEST(CommandLine, RefusesOneBadAddressOfSeveral) {
  EXPECT_THAT(ErrorOf({"--web.listen-address=:1", "--web.listen-address=:0"}, 2),
              HasSubstr("\":0\""));
}

TEST(CommandLine, RefusesAFlagWithoutItsValue) {
  for (const char* flag : {"--config.file", "--web.listen-address", "--log.level", "--backend"}) {
    EXPECT_THAT(ErrorOf({flag}, 2), HasSubstr(flag));
  }
}

TEST(CommandLine, StaysOnOneLineWithHostileValues) {
  EXPECT_TRUE(IsHarmless(ErrorOf({"--log.level=a\nb\x1b[2J"}, 2)));
  EXPECT_TRUE(IsHarmless(ErrorOf({"--a\nb"}, 2)));
  EXPECT_TRUE(IsHarmless(ErrorOf({"--config.file=/nowhere/a\nb\x1b[2J"}, 1)));
}

TEST(CommandLine, EndsWithStatusOneForABadFile) {
  const TemporaryDirectory directory;
  const std::string file = directory.File("c.yml", "log:\n  level: loud\n");
  const std::string expected =
      file + ":2: invalid log level \"loud\": expected debug, info, warn or error";
  EXPECT_EQ(ErrorOf({"--config.file=" + file}, 1), expected);
  EXPECT_EQ(ErrorOf({"--config.file", file, "--config.check"}, 1), expected);
  EXPECT_EQ(ErrorOf({"watch", "--config.file", file}, 1), expected);
  EXPECT_THAT(ErrorOf({"--config.file=" + directory.path() + "/none.yml"}, 1),
              HasSubstr("/none.yml: cannot read the file"));
}

TEST(CommandLine, PrintsTheVersion) {
  const CommandLine line = Parse({"--version"});
  EXPECT_FALSE(line.command);
  EXPECT_EQ(line.status, 0);
  EXPECT_EQ(line.text, std::string("netchange_exporter ") + kVersion + " (" + kRevision + ")\n");
}

TEST(CommandLine, PrintsHelpWithEveryFlag) {
  const CommandLine line = Parse({"--help"});
  EXPECT_FALSE(line.command);
  EXPECT_EQ(line.status, 0);
  for (const char* word :
       {"--config.file", "--config.check", "--web.listen-address", "--web.telemetry-path",
        "--log.level", "--log.format", "--backend", "--version", "watch"}) {
    EXPECT_THAT(line.text, HasSubstr(word));
  }
  for (const CollectorSpec* spec : AllCollectors()) {
    EXPECT_THAT(line.text, HasSubstr(std::string("--collector.") + spec->name));
    EXPECT_THAT(line.text, HasSubstr(std::string("--no-collector.") + spec->name));
    EXPECT_THAT(line.text, HasSubstr(spec->help));
  }
}

TEST(CommandLine, PrintsHelpOfWatch) {
  const CommandLine line = Parse({"watch", "--help"});
  EXPECT_FALSE(line.command);
  EXPECT_EQ(line.status, 0);
  EXPECT_THAT(line.text, HasSubstr("--output"));
}

TEST(CommandLine, PrintsHelpAlsoWhereTheFileIsBad) {
  EXPECT_EQ(Parse({"--config.file=/nowhere", "--help"}).status, 0);
  EXPECT_EQ(Parse({"--config.file=/nowhere", "--version"}).status, 0);
}

}  // namespace
}  // namespace netchange
