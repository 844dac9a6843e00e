// SPDX-License-Identifier: Apache-2.0
#include "config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <ostream>
#include <sstream>
#include <tuple>

#include "collectors/collector.h"
#include "support.h"

namespace netchange {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// All fields that can be compared, and the state of each collector.
auto FieldsOf(const Config& c) {
  std::map<std::string, bool> collectors;
  for (const CollectorSpec* spec : AllCollectors())
    collectors[spec->name] = c.CollectorEnabled(spec->name);
  return std::tuple(c.listen_addresses, c.telemetry_path, c.log_level, c.log_format, c.backends,
                    c.skip_functions, collectors, c.max_entries, c.label_comm, c.label_parent_comm,
                    c.label_unit, c.ethtool_slow, c.devices.include, c.devices.exclude,
                    c.write_devices.include, c.write_devices.exclude, c.write_settings.include,
                    c.write_settings.exclude, c.series_expiry);
}

// The configuration of a valid file.
Config Loaded(std::string_view text) {
  const TemporaryDirectory directory;
  Config config;
  const Status status = LoadConfigFile(directory.File("config.yml", text), config);
  EXPECT_TRUE(status) << status.error().message;
  return config;
}

// The error of an invalid file, without the directory. Checks that the configuration is unchanged.
std::string ErrorOf(std::string_view text) {
  const TemporaryDirectory directory;
  Config config;
  config.listen_addresses = {":1"};
  config.collectors = {{"xdp", false}};
  config.devices.include = {"kept*"};
  const auto before = FieldsOf(config);
  const Status status = LoadConfigFile(directory.File("config.yml", text), config);
  EXPECT_EQ(FieldsOf(config), before) << "changed in spite of an error";
  if (status) return "no error";
  std::string message = status.error().message;
  EXPECT_TRUE(message.starts_with(directory.path() + "/")) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << "more than one line: " << message;
  return message.substr(std::min(message.size(), directory.path().size() + 1));
}

const std::string kExample = SOURCE_DIR "/deploy/netchange_exporter.yml";

TEST(ExampleConfig, LoadsAndIsTheDefaults) {
  Config config;
  const Status status = LoadConfigFile(kExample, config);
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(FieldsOf(config), FieldsOf(Config()));
}

TEST(ExampleConfig, OverridesEveryDefault) {
  Config config = Loaded(R"(
web: {listen_addresses: [":1"], telemetry_path: /m}
log: {level: debug, format: json}
backend: kprobe
skip_functions: [f]
collectors: {ethtool: false, irq: false, queues: false, sysctl: false, xdp: false}
max_entries: 16
labels: {comm: false, parent_comm: false, unit: false}
ethtool: {slow: 2s}
series_expiry: 5s
devices: {include: [a], exclude: [b]}
config_writes: {devices: {include: [a], exclude: [b]}, settings: {include: [a], exclude: [b]}}
)");
  const Status status = LoadConfigFile(kExample, config);
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(FieldsOf(config), FieldsOf(Config())) << "a key is missing in the example";
}

// The keys that an error lists.
std::vector<std::string> KnownKeys(const std::string& section) {
  const std::string error =
      ErrorOf(section.empty() ? "no_such_key: 1\n" : section + ":\n  no_such_key: 1\n");
  const std::string before = "expected one of: ";
  const auto at = error.find(before);
  if (at == std::string::npos) return {};
  std::vector<std::string> keys;
  std::istringstream names(error.substr(at + before.size()));
  for (std::string name; std::getline(names >> std::ws, name, ',');) keys.push_back(name);
  return keys;
}

TEST(ExampleConfig, HasEveryKey) {
  const YAML::Node example = YAML::LoadFile(kExample);
  const auto sections = KnownKeys("");
  EXPECT_THAT(sections, ElementsAre("backend", "collectors", "config_writes", "devices", "ethtool",
                                    "labels", "log", "max_entries", "namespaces", "series_expiry",
                                    "skip_functions", "web"));
  for (const std::string& section : sections) {
    ASSERT_TRUE(example[section]) << section;
    for (const std::string& key : KnownKeys(section))
      EXPECT_TRUE(example[section][key]) << section << '.' << key;
  }
}

TEST(LoadConfigFile, ReadsEveryKey) {
  const Config config = Loaded(R"(
web:
  listen_addresses: ["127.0.0.1:9", "127.0.0.2:10"]
  telemetry_path: /a/b_c.d-e
log:
  level: warn
  format: json
backend: kprobe
skip_functions: [dev_xdp_install, veth_xdp]
collectors:
  ethtool: false
  sysctl: true
max_entries: 100
labels:
  comm: false
  parent_comm: no
devices:
  include: [eth*, "lo"]
  exclude: [veth*]
)");
  EXPECT_THAT(config.listen_addresses, ElementsAre("127.0.0.1:9", "127.0.0.2:10"));
  EXPECT_EQ(config.telemetry_path, "/a/b_c.d-e");
  EXPECT_EQ(config.log_level, LogLevel::kWarn);
  EXPECT_EQ(config.log_format, LogFormat::kJson);
  EXPECT_THAT(config.backends, ElementsAre(Backend::kKprobe));
  EXPECT_THAT(config.skip_functions, ElementsAre("dev_xdp_install", "veth_xdp"));
  EXPECT_FALSE(config.CollectorEnabled("ethtool"));
  EXPECT_TRUE(config.CollectorEnabled("sysctl"));
  EXPECT_TRUE(config.CollectorEnabled("xdp")) << "not named";
  EXPECT_EQ(config.max_entries, 100u);
  EXPECT_FALSE(config.label_comm);
  EXPECT_FALSE(config.label_parent_comm);
  EXPECT_TRUE(config.label_unit) << "the default";
  EXPECT_THAT(config.devices.include, ElementsAre("eth*", "lo"));
  EXPECT_THAT(config.devices.exclude, ElementsAre("veth*"));
}

TEST(LoadConfigFile, KeepsWhatAFileDoesNotName) {
  const Config config = Loaded("log:\n  level: debug\n");
  Config expected;
  expected.log_level = LogLevel::kDebug;
  EXPECT_EQ(FieldsOf(config), FieldsOf(expected));
}

TEST(LoadConfigFile, TakesAnEmptyFileForTheDefaults) {
  for (const char* text :
       {"", "\n", "# only a comment\n", "---\n", "web:\nlog:\ncollectors:\n# level: debug\n"}) {
    EXPECT_EQ(FieldsOf(Loaded(text)), FieldsOf(Config())) << text;
  }
}

TEST(LoadConfigFile, TakesNumbersAtTheEndsOfTheirRange) {
  EXPECT_EQ(Loaded("max_entries: 16\n").max_entries, 16u);
  EXPECT_EQ(Loaded("max_entries: 1048576\n").max_entries, 1048576u);
  EXPECT_THAT(Loaded("web: {listen_addresses: [\":1\", \":65535\"]}\n").listen_addresses,
              ElementsAre(":1", ":65535"));
}

struct BadFile {
  const char* name;
  std::string text;
  std::string error;  // exactly, after the directory
};
void PrintTo(const BadFile& file, std::ostream* out) { *out << file.name; }

class BadConfig : public testing::TestWithParam<BadFile> {};

constexpr char kTopKeys[] =
    "expected one of: backend, collectors, config_writes, devices, ethtool, labels, log, "
    "max_entries, namespaces, "
    "series_expiry, skip_functions, web";

std::string CollectorNames() {
  std::string names;
  for (const CollectorSpec* spec : AllCollectors()) {
    names += (names.empty() ? "" : ", ") + std::string(spec->name);
  }
  return names;
}

std::string ManyPatterns(int count) {
  std::string list;
  for (int i = 0; i < count; ++i) list += (i ? ", d" : "d") + std::to_string(i);
  return list;
}

const BadFile kBadFiles[] = {
    {"UnknownKey", "log: {}\nlgo: {}\n",
     std::string("config.yml:2: unknown key \"lgo\"; ") + kTopKeys},
    {"UnknownKeyOfASection", "log:\n  level: info\n\n  colour: red\n",
     "config.yml:4: unknown key \"colour\"; expected one of: format, level"},
    {"UnknownCollector", "collectors:\n  xpd: true\n",
     "config.yml:2: unknown key \"xpd\"; expected one of: " + CollectorNames()},
    {"KeyTwice", "max_entries: 20\n# two\nmax_entries: 30\n",
     "config.yml:3: duplicate key \"max_entries\""},
    {"SectionTwice", "log:\n  level: info\nlog:\n  format: json\n",
     "config.yml:3: duplicate key \"log\""},
    {"KeyOfASectionTwice", "collectors:\n  xdp: true\n  xdp: false\n",
     "config.yml:3: duplicate key \"xdp\""},
    {"ListForTheWholeFile", "- log\n", "config.yml:1: expected a map, found a list"},
    {"TextForTheWholeFile", "log\n", "config.yml:1: expected a map, found a single value"},
    {"TextForASection", "max_entries: 20\nlog: debug\n",
     "config.yml:2: expected a map, found a single value"},
    {"ListForASection", "log:\n  - debug\n", "config.yml:2: expected a map, found a list"},
    {"TextForAList", "web:\n  listen_addresses: \":10417\"\n",
     "config.yml:2: expected a list, found a single value"},
    {"NothingForAList", "devices:\n  include:\n", "config.yml:2: expected a list, found nothing"},
    {"MapForText", "log:\n  level:\n    debug: true\n", "config.yml:3: expected text, found a map"},
    {"ListInAList", "devices:\n  include:\n    - eth0\n    - [a]\n",
     "config.yml:4: expected text, found a list"},
    {"TextForABool", "labels:\n  comm: maybe\n",
     "config.yml:2: expected true or false, found \"maybe\""},
    {"NumberForABool", "collectors:\n  xdp: 1\n",
     "config.yml:2: expected true or false, found \"1\""},
    {"NothingForABool", "collectors:\n  xdp:\n",
     "config.yml:2: expected true or false, found nothing"},
    {"TextForANumber", "max_entries: many\n", "config.yml:1: expected a number, found \"many\""},
    {"FractionForANumber", "max_entries: 20.5\n",
     "config.yml:1: expected a number, found \"20.5\""},
    {"NegativeNumber", "max_entries: -20\n", "config.yml:1: expected a number, found \"-20\""},
    {"NumberWithAUnit", "max_entries: 16k\n", "config.yml:1: expected a number, found \"16k\""},
    {"NumberOfMoreThan32Bits", "max_entries: 4294967312\n",
     "config.yml:1: expected a number, found \"4294967312\""},
    {"NumberTooSmall", "\nmax_entries: 15\n",
     "config.yml:2: expected a number from 16 to 1048576, found \"15\""},
    {"NumberTooLarge", "\nmax_entries: 1048577\n",
     "config.yml:2: expected a number from 16 to 1048576, found \"1048577\""},
    {"BadLevel", "log:\n  level: loud\n",
     "config.yml:2: invalid log level \"loud\": expected debug, info, warn or error"},
    {"BadFormat", "log:\n  format: xml\n",
     "config.yml:2: invalid log format \"xml\": expected logfmt or json"},
    {"BadBackend", "backend: magic\n",
     "config.yml:1: invalid backend \"magic\": expected auto, fexit, kprobe or syscall"},
    {"BadPath", "web:\n  telemetry_path: metrics\n",
     "config.yml:2: invalid path \"metrics\": expected a path such as /metrics"},
    {"PathOfAnotherPage", "web:\n  telemetry_path: /changes\n",
     "config.yml:2: invalid path \"/changes\": another page has it"},
    {"BadAddressInTheMiddle", "web:\n  listen_addresses:\n    - :1\n    - :0\n    - :2\n",
     "config.yml:4: invalid address \":0\": expected :PORT or ADDRESS:PORT, such as "
     ":10417, 127.0.0.1:10417 or [::1]:10417"},
    {"NoAddress", "web:\n  listen_addresses: []\n", "config.yml:2: expected at least one address"},
    {"DurationWithoutUnit", "series_expiry: 60\n",
     "config.yml:1: expected a duration such as 100ms, 90s, 15m, 1h or 7d, found \"60\""},
    {"NegativeDuration", "series_expiry: -1h\n",
     "config.yml:1: expected a duration such as 100ms, 90s, 15m, 1h or 7d, found \"-1h\""},
    {"ShellPattern", "devices:\n  include:\n    - lo\n    - eth?\n",
     "config.yml:4: invalid pattern \"eth?\": the only wildcard is a * at the end"},
    {"StarInTheMiddleOfADevice", "config_writes:\n  devices:\n    exclude: [a*b]\n",
     "config.yml:3: invalid pattern \"a*b\": the only wildcard is a * at the end"},
    {"StarInTheMiddleOfAPart", "config_writes:\n  settings:\n    exclude: [net.ipv*.x]\n",
     "config.yml:3: invalid pattern \"net.ipv*.x\": a * must be at the end, or replace the "
     "device: net.ipv4.conf.*.rp_filter"},
    {"PatternInBothLists", "devices:\n  include: [lo, eth*]\n  exclude:\n    - eth*\n",
     "config.yml:2: \"eth*\" is both included and excluded"},
    {"PatternThatIsExcludedByDefault", "config_writes:\n  devices:\n    include: [veth*]\n",
     "config.yml:3: \"veth*\" is both included and excluded (by default; write your own "
     "exclude list)"},
    {"TooManyPatterns", "devices:\n  include: [" + ManyPatterns(129) + "]\n",
     "config.yml:2: more than 128 patterns"},
    {"EndlessDuration", "ethtool: {slow: 36501d}\n",
     "config.yml:1: a duration is at most 36500d, found \"36501d\""},
    {"ListAsAKey", "? [a, b]\n: 1\n", "config.yml:1: expected text, found a list"},
};

TEST_P(BadConfig, IsRefusedWithItsPlace) { EXPECT_EQ(ErrorOf(GetParam().text), GetParam().error); }

INSTANTIATE_TEST_SUITE_P(Files, BadConfig, testing::ValuesIn(kBadFiles),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(LoadConfigFile, ReadsDurations) {
  using std::chrono::milliseconds, std::chrono::seconds;
  const std::pair<const char*, milliseconds> kDurations[] = {
      {"0", seconds(0)},      {"0s", seconds(0)},    {"100ms", milliseconds(100)},
      {"90s", seconds(90)},   {"15m", seconds(900)}, {"1h", seconds(3600)},
      {"7d", seconds(604800)}};
  for (const auto& [text, duration] : kDurations) {
    EXPECT_EQ(Loaded(std::string("series_expiry: ") + text + "\n").series_expiry, duration) << text;
    EXPECT_EQ(Loaded(std::string("ethtool: {slow: ") + text + "}\n").ethtool_slow, duration)
        << text;
  }
}

TEST(LoadConfigFile, ReadsPatternsInPlaceOfTheDefault) {
  const Config config = Loaded(
      "config_writes:\n  devices: {include: [veth1], exclude: []}\n  settings: {exclude: "
      "[net.core.*]}\n");
  EXPECT_THAT(config.write_devices.include, ElementsAre("veth1"));
  EXPECT_THAT(config.write_devices.exclude, testing::IsEmpty());
  EXPECT_THAT(config.write_settings.exclude, ElementsAre("net.core.*"));
  EXPECT_THAT(Loaded("config_writes: {devices: {exclude: []}}\n").write_devices.include,
              testing::IsEmpty());
  EXPECT_EQ(Loaded("devices: {include: [" + ManyPatterns(128) + "]}\n").devices.include.size(),
            128u);
}

TEST(LoadConfigFile, NamesTheLineOfBadSyntax) {
  EXPECT_THAT(ErrorOf("log:\n  level: [info\nmax_entries: 20\n"),
              testing::StartsWith("config.yml:3: "));
  EXPECT_THAT(ErrorOf("max_entries: 20\nlog: \"info\n"), testing::StartsWith("config.yml:"));
  EXPECT_THAT(ErrorOf("max_entries: 20\n\tlog: info\n"), testing::StartsWith("config.yml:2: "));
  EXPECT_THAT(ErrorOf("max_entries: *nothing\n"), testing::StartsWith("config.yml:1: "));
}

TEST(LoadConfigFile, ChangesNothingIfTheLastKeyIsWrong) {
  EXPECT_EQ(
      ErrorOf(
          "web:\n  listen_addresses: [\":5\"]\ncollectors:\n  xdp: true\ndevices:\n  include: []\n"
          "log:\n  level: info\nmax_entries: none\n"),
      "config.yml:9: expected a number, found \"none\"");
}

TEST(LoadConfigFile, StaysOnOneLineWithHostileText) {
  EXPECT_THAT(ErrorOf("\"a\\nb\\e[2J\": 1\n"),
              HasSubstr("config.yml:1: unknown key \"a\\x0ab\\x1b[2J\""));
  EXPECT_THAT(ErrorOf("log:\n  level: \"a\\nb\"\n"),
              HasSubstr("config.yml:2: invalid log level \"a\\x0ab\""));
  EXPECT_THAT(ErrorOf("max_entries: \"1\\n2\"\n"),
              HasSubstr("config.yml:1: expected a number, found \"1\\x0a2\""));
}

TEST(LoadConfigFile, RefusesMoreThanOneDocument) {
  EXPECT_NE(ErrorOf("log:\n  level: info\n---\nlgo: {}\n"), "no error")
      << "what stands there would be ignored";
}

TEST(LoadConfigFile, NamesAFileThatIsMissing) {
  Config config;
  const Status status = LoadConfigFile("/nowhere/at/all.yml", config);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message,
            "/nowhere/at/all.yml: cannot read the file; check that it exists and that this user "
            "may read it");
}

TEST(LoadConfigFile, RefusesADirectory) {
  const TemporaryDirectory directory;
  Config config;
  const Status status = LoadConfigFile(directory.path(), config);
  ASSERT_FALSE(status) << "a directory is no configuration";
  EXPECT_THAT(status.error().message, HasSubstr(directory.path()));
}

TEST(Config, HasACollectorOnThatItDoesNotName) {
  Config config;
  EXPECT_TRUE(config.CollectorEnabled("ethtool"));
  config.collectors = {{"ethtool", false}, {"xdp", true}};
  EXPECT_FALSE(config.CollectorEnabled("ethtool"));
  EXPECT_TRUE(config.CollectorEnabled("xdp"));
  EXPECT_TRUE(config.CollectorEnabled("sysctl"));
}

}  // namespace
}  // namespace netchange
