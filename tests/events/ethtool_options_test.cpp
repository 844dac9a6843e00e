// SPDX-License-Identifier: Apache-2.0
// The real ethtool program with each of its options, on the test module's device, which supports
// nearly all of them. The commands are counted exactly, and the published options of each command
// include the one that was used.
#include <linux/ethtool_netlink.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <sstream>

#include "ethtool_client.h"
#include "event_test.h"

namespace netchange::test {
namespace {

constexpr char kDevice[] = "sfp0";
constexpr char kFamily[] = "netchange_ethtool_commands_total{";

using Counts = std::map<std::string, double>;  // by command

struct OptionCase {
  std::string option;                  // as published; empty if none
  std::vector<std::string> arguments;  // arguments, including the device
  Counts sends;
  // Commands that it sends instead if the kernel does not have this netlink command.
  std::uint8_t netlink = 0;
  Counts otherwise = {};
};

std::string LabelOf(const std::string& series, const std::string& label) {
  const auto start = series.find(label + "=\"");
  if (start == std::string::npos) return "";
  const auto from = start + label.size() + 2;
  return series.substr(from, series.find('"', from) - from);
}

const std::vector<OptionCase> kCases = {
    {"",
     {"sfp0"},
     {{"ETHTOOL_MSG_DEBUG_GET", 1},
      {"ETHTOOL_MSG_LINKINFO_GET", 1},
      {"ETHTOOL_MSG_LINKMODES_GET", 1},
      {"ETHTOOL_MSG_LINKSTATE_GET", 1},
      {"ETHTOOL_MSG_WOL_GET", 1}}},
    {"-s", {"-s", "sfp0", "msglvl", "1"}, {{"ETHTOOL_MSG_DEBUG_SET", 1}}},
    {"-s", {"-s", "sfp0", "wol", "g"}, {{"ETHTOOL_MSG_WOL_SET", 1}}},
    {"-s",
     {"-s", "sfp0", "speed", "1000", "duplex", "full", "autoneg", "off"},
     {{"ETHTOOL_MSG_LINKMODES_SET", 1}}},
    {"-a", {"-a", "sfp0"}, {{"ETHTOOL_MSG_PAUSE_GET", 1}}},
    {"-A", {"-A", "sfp0", "rx", "off", "tx", "on"}, {{"ETHTOOL_MSG_PAUSE_SET", 1}}},
    {"-c", {"-c", "sfp0"}, {{"ETHTOOL_MSG_COALESCE_GET", 1}}},
    {"-C", {"-C", "sfp0", "rx-usecs", "20"}, {{"ETHTOOL_MSG_COALESCE_SET", 1}}},
    {"-g", {"-g", "sfp0"}, {{"ETHTOOL_MSG_RINGS_GET", 1}}},
    {"-G", {"-G", "sfp0", "rx", "256"}, {{"ETHTOOL_MSG_RINGS_SET", 1}}},
    {"-G", {"-G", "sfp0", "rx", "9999"}, {{"ETHTOOL_MSG_RINGS_SET", 1}}},
    {"-k", {"-k", "sfp0"}, {{"ETHTOOL_MSG_FEATURES_GET", 1}, {"ETHTOOL_MSG_STRSET_GET", 1}}},
    {"-K",
     {"-K", "sfp0", "tx", "off"},
     {{"ETHTOOL_MSG_FEATURES_SET", 1}, {"ETHTOOL_MSG_STRSET_GET", 1}}},
    {"-i", {"-i", "sfp0"}, {{"ETHTOOL_GDRVINFO", 1}}},
    {"-d", {"-d", "sfp0"}, {{"ETHTOOL_GDRVINFO", 1}, {"ETHTOOL_GREGS", 1}}},
    {"-e", {"-e", "sfp0"}, {{"ETHTOOL_GDRVINFO", 1}, {"ETHTOOL_GEEPROM", 1}}},
    {"-E",
     {"-E", "sfp0", "magic", "0", "offset", "1", "value", "5"},
     {{"ETHTOOL_GDRVINFO", 1}, {"ETHTOOL_SEEPROM", 1}}},
    {"-r", {"-r", "sfp0"}, {{"ETHTOOL_NWAY_RST", 1}}},
    {"-p", {"-p", "sfp0", "1"}, {{"ETHTOOL_PHYS_ID", 1}}},
    {"-t",
     {"-t", "sfp0"},
     {{"ETHTOOL_GSSET_INFO", 1}, {"ETHTOOL_GSTRINGS", 1}, {"ETHTOOL_TEST", 1}}},
    {"-S",
     {"-S", "sfp0"},
     {{"ETHTOOL_GSSET_INFO", 1}, {"ETHTOOL_GSTATS", 1}, {"ETHTOOL_GSTRINGS", 1}}},
    {"-S",
     {"-S", "sfp0", "--all-groups"},
     {{"ETHTOOL_MSG_STATS_GET", 1}, {"ETHTOOL_MSG_STRSET_GET", 5}},
     ETHTOOL_MSG_STATS_GET,
     {{"ETHTOOL_MSG_STATS_GET", 1}, {"ETHTOOL_MSG_STRSET_GET", 1}}},
    {"--phy-statistics",
     {"--phy-statistics", "sfp0"},
     {{"ETHTOOL_GPHYSTATS", 1}, {"ETHTOOL_GSSET_INFO", 1}, {"ETHTOOL_GSTRINGS", 1}}},
    {"-n",
     {"-n", "sfp0"},
     {{"ETHTOOL_GRXCLSRLALL", 1}, {"ETHTOOL_GRXCLSRLCNT", 1}, {"ETHTOOL_GRXRINGS", 1}}},
    {"-n", {"-n", "sfp0", "rx-flow-hash", "tcp4"}, {{"ETHTOOL_GRXFH", 1}}},
    {"-N", {"-N", "sfp0", "rx-flow-hash", "tcp4", "sd"}, {{"ETHTOOL_SRXFH", 1}}},
    {"-N", {"-N", "sfp0", "delete", "3"}, {{"ETHTOOL_SRXCLSRLDEL", 1}}},
    {"-T", {"-T", "sfp0"}, {{"ETHTOOL_MSG_TSINFO_GET", 1}}},
    {"-x", {"-x", "sfp0"}, {{"ETHTOOL_GRSSH", 2}, {"ETHTOOL_GRXRINGS", 1}}},
    {"-X",
     {"-X", "sfp0", "equal", "2"},
     {{"ETHTOOL_GRSSH", 1}, {"ETHTOOL_GRXRINGS", 1}, {"ETHTOOL_SRSSH", 1}}},
    {"-f", {"-f", "sfp0", "firmware.bin"}, {{"ETHTOOL_FLASHDEV", 1}}},
    {"-w", {"-w", "sfp0"}, {{"ETHTOOL_GET_DUMP_FLAG", 1}}},
    {"-w",
     {"-w", "sfp0", "data", "/tmp/dump"},
     {{"ETHTOOL_GET_DUMP_DATA", 1}, {"ETHTOOL_GET_DUMP_FLAG", 1}}},
    {"-W", {"-W", "sfp0", "1"}, {{"ETHTOOL_SET_DUMP", 1}}},
    {"-l", {"-l", "sfp0"}, {{"ETHTOOL_MSG_CHANNELS_GET", 1}}},
    {"-L", {"-L", "sfp0", "combined", "2"}, {{"ETHTOOL_MSG_CHANNELS_SET", 1}}},
    {"-L", {"-L", "sfp0", "combined", "9"}, {{"ETHTOOL_MSG_CHANNELS_SET", 1}}},
    {"--show-priv-flags", {"--show-priv-flags", "sfp0"}, {{"ETHTOOL_MSG_PRIVFLAGS_GET", 1}}},
    {"--set-priv-flags",
     {"--set-priv-flags", "sfp0", "first", "on"},
     {{"ETHTOOL_MSG_PRIVFLAGS_SET", 1}}},
    {"-m",
     {"-m", "sfp0"},
     {{"ETHTOOL_MSG_MODULE_EEPROM_GET", 3}},
     ETHTOOL_MSG_MODULE_EEPROM_GET,
     {{"ETHTOOL_GMODULEEEPROM", 1}, {"ETHTOOL_GMODULEINFO", 1}}},
    {"-m",
     {"-m", "sfp0", "hex", "on", "offset", "0", "length", "128"},
     {{"ETHTOOL_GMODULEEEPROM", 1}, {"ETHTOOL_GMODULEINFO", 1}}},
    {"-m",
     {"-m", "sfp0", "page", "0", "i2c", "0x50"},
     {{"ETHTOOL_MSG_MODULE_EEPROM_GET", 3}},
     ETHTOOL_MSG_MODULE_EEPROM_GET},
    {"--show-eee", {"--show-eee", "sfp0"}, {{"ETHTOOL_MSG_EEE_GET", 1}}},
    {"--set-eee", {"--set-eee", "sfp0", "eee", "on"}, {{"ETHTOOL_MSG_EEE_SET", 1}}},
    {"--set-phy-tunable",
     {"--set-phy-tunable", "sfp0", "downshift", "on", "count", "2"},
     {{"ETHTOOL_PHY_STUNABLE", 1}}},
    {"--get-phy-tunable",
     {"--get-phy-tunable", "sfp0", "downshift"},
     {{"ETHTOOL_PHY_GTUNABLE", 1}}},
    {"--get-tunable", {"--get-tunable", "sfp0", "rx-copybreak"}, {{"ETHTOOL_GTUNABLE", 1}}},
    {"--set-tunable", {"--set-tunable", "sfp0", "rx-copybreak", "100"}, {{"ETHTOOL_STUNABLE", 1}}},
    {"--reset", {"--reset", "sfp0", "all"}, {{"ETHTOOL_RESET", 1}}},
    {"--show-fec",
     {"--show-fec", "sfp0"},
     {{"ETHTOOL_MSG_FEC_GET", 1}, {"ETHTOOL_MSG_STRSET_GET", 1}},
     ETHTOOL_MSG_FEC_GET,
     {{"ETHTOOL_GFECPARAM", 1}}},
    {"--set-fec",
     {"--set-fec", "sfp0", "encoding", "rs"},
     {{"ETHTOOL_MSG_FEC_SET", 1}},
     ETHTOOL_MSG_FEC_SET,
     {{"ETHTOOL_SFECPARAM", 1}}},
    {"-Q", {"-Q", "sfp0", "queue_mask", "0x1", "--show-coalesce"}, {{"ETHTOOL_GCOALESCE", 1}}},
    {"-Q",
     {"-Q", "sfp0", "queue_mask", "0x1", "--coalesce", "rx-usecs", "20"},
     {{"ETHTOOL_GCOALESCE", 1}, {"ETHTOOL_SCOALESCE", 1}}},
    {"--cable-test", {"--cable-test", "sfp0"}, {{"ETHTOOL_MSG_CABLE_TEST_ACT", 1}}},
    {"--cable-test-tdr", {"--cable-test-tdr", "sfp0"}, {{"ETHTOOL_MSG_CABLE_TEST_TDR_ACT", 1}}},
    {"--show-tunnels", {"--show-tunnels", "sfp0"}, {{"ETHTOOL_MSG_TUNNEL_INFO_GET", 1}}},
    {"--show-module",
     {"--show-module", "sfp0"},
     {{"ETHTOOL_MSG_MODULE_GET", 1}},
     ETHTOOL_MSG_MODULE_GET},
    {"--set-module",
     {"--set-module", "sfp0", "power-mode-policy", "auto"},
     {{"ETHTOOL_MSG_MODULE_SET", 1}},
     ETHTOOL_MSG_MODULE_SET},
};

// Options of the program that send no ethtool command: -P uses rtnetlink, the others only print.
const std::vector<std::string> kSendNothing = {"-P", "-h", "--version"};

// Options whose commands have another option as their label, or none.
const std::set<std::string> kOtherLabels = {
    "-Q",         // wraps the command of -c or -C
    "--monitor",  // sends only ETHTOOL_MSG_STRSET_GET, a help for other commands
};

class EthtoolOptions : public testing::Test {
 protected:
  void SetUp() override { SKIP_WITHOUT_DEVICE(kDevice); }
};

// Commands that each run of the program sent, by the name of its parent.
struct Sent {
  Counts commands;
  std::set<std::string> labels;  // their values of the label `option`
};

std::map<std::string, Sent> SentByParent(const Page& page) {
  std::map<std::string, Sent> sent;
  for (auto at = page.lower_bound(kFamily); at != page.end() && at->first.starts_with(kFamily);
       ++at) {
    const auto& [series, value] = *at;
    const std::string parent = LabelOf(series, "parent_comm"), device = LabelOf(series, "device");
    if (!parent.starts_with("case-")) continue;
    EXPECT_EQ(LabelOf(series, "comm"), "ethtool") << series;
    EXPECT_TRUE(device == kDevice || device.empty()) << series;
    Sent& by_parent = sent[parent];
    by_parent.commands[LabelOf(series, "command")] += value;
    by_parent.labels.insert(LabelOf(series, "option"));
  }
  return sent;
}

// Each case has its own parent, so that one scrape distinguishes them all.
std::string ParentOf(const OptionCase& c) { return "case-" + std::to_string(&c - kCases.data()); }

std::string OutputOf(const OptionCase& c) {
  std::vector<std::string> command = {"ethtool"};
  command.insert(command.end(), c.arguments.begin(), c.arguments.end());
  const auto run = [&] {
    std::printf("%s", Execute(command).output.c_str());
    return 0;
  };
  return ForkAs(ParentOf(c), run).output;
}

TEST_F(EthtoolOptions, SendTheCountedAndPublishedCommands) {
  for (const OptionCase& c : kCases)
    EXPECT_NE(OutputOf(c).find("bad command line"), 0U) << ParentOf(c);
  auto all = SentByParent(Scrape(kPort));
  for (const OptionCase& c : kCases) {
    const std::string line = testing::PrintToString(c.arguments);
    const Sent& sent = all[ParentOf(c)];
    const bool known = !c.netlink || KernelKnowsEthtoolNetlink(c.netlink);
    EXPECT_EQ(sent.commands, known ? c.sends : c.otherwise) << line;
    if (sent.commands.empty()) continue;
    const bool has_other_label = kOtherLabels.contains(c.option);
    EXPECT_EQ(sent.labels.contains(c.option), !has_other_label)
        << line << ": " << testing::PrintToString(sent.labels);
  }
}

// The first name of each option in the program's own help. An option that is not tested above needs
// a reason.
TEST_F(EthtoolOptions, CoverAllOptionsOfTheProgram) {
  std::istringstream words(Execute({"ethtool", "--help"}).output);
  int options = 0;
  for (std::string word; words >> word;) {
    if (word != "ethtool" || !(words >> word) || word != "[" || !(words >> word >> word >> word))
      continue;
    if (word == "DEVNAME") continue;  // not an option
    const std::string option = word.substr(0, word.find('|'));
    ++options;
    const bool run = std::any_of(kCases.begin(), kCases.end(),
                                 [&](const auto& c) { return c.option == option; });
    EXPECT_TRUE(run || std::count(kSendNothing.begin(), kSendNothing.end(), option)) << option;
  }
  EXPECT_GT(options, 40);
}

// --- what a slow read costs
// -----------------------------------------------------------------------

class ModuleEeprom : public EthtoolOptions {
 protected:
  void SetUp() override {
    EthtoolOptions::SetUp();
    if (!IsSkipped()) Set("delay_ms", 160);
  }
  void TearDown() override {
    if (IsSkipped()) return;
    Set("delay_ms", 0);
    Set("error", 0);
  }
  static void Set(const std::string& parameter, int value) {
    ASSERT_EQ(
        WriteFile("/sys/module/netchange_test/parameters/" + parameter, std::to_string(value)), 0);
  }
  // Number of commands that took at most `bound` seconds.
  static double Within(Page& page, const std::string& command, const std::string& transport,
                       const std::string& bound) {
    return page[Series(
        "netchange_ethtool_command_duration_seconds_bucket",
        {{"device", kDevice}, {"command", command}, {"transport", transport}, {"le", bound}})];
  }
  static void ExpectSlow(const std::vector<std::string>& arguments, const std::string& command,
                         const std::string& transport, double times) {
    Page before = Scrape(kPort);
    std::vector<std::string> line = {"ethtool"};
    line.insert(line.end(), arguments.begin(), arguments.end());
    const RunResult run = Execute(line);
    EXPECT_EQ(run.status, 0) << run.output;
    Page after = Scrape(kPort);
    EXPECT_EQ(Within(after, command, transport, "0.1") - Within(before, command, transport, "0.1"),
              0);
    EXPECT_EQ(Within(after, command, transport, "1") - Within(before, command, transport, "1"),
              times);
    const std::string slow =
        Series("netchange_ethtool_slow_commands_total", {{"device", kDevice},
                                                         {"comm", "ethtool"},
                                                         {"parent_comm", "event_tests"},
                                                         {"command", command},
                                                         {"option", "-m"},
                                                         {"access", "get"},
                                                         {"transport", transport}});
    EXPECT_EQ(after[slow] - before[slow], times);
  }
};

TEST_F(ModuleEeprom, ShowsASlowReadByNetlink) {
  if (!KernelKnowsEthtoolNetlink(ETHTOOL_MSG_MODULE_EEPROM_GET))
    GTEST_SKIP() << "this kernel has no ETHTOOL_MSG_MODULE_EEPROM_GET";
  ExpectSlow({"-m", kDevice}, "ETHTOOL_MSG_MODULE_EEPROM_GET", "netlink", 3);
}

TEST_F(ModuleEeprom, ShowsASlowReadByIoctl) {
  ExpectSlow({"-m", kDevice, "hex", "on", "offset", "0", "length", "128"}, "ETHTOOL_GMODULEEEPROM",
             "ioctl", 1);
}

TEST_F(ModuleEeprom, CountsAFailedReadByTheDriversErrno) {
  Set("delay_ms", 0);
  Set("error", EIO);
  const bool netlink = KernelKnowsEthtoolNetlink(ETHTOOL_MSG_MODULE_EEPROM_GET);
  const std::string series =
      Series("netchange_ethtool_command_errors_total",
             {{"device", kDevice},
              {"comm", "ethtool"},
              {"parent_comm", "event_tests"},
              {"command", netlink ? "ETHTOOL_MSG_MODULE_EEPROM_GET" : "ETHTOOL_GMODULEEEPROM"},
              {"option", "-m"},
              {"access", "get"},
              {"transport", netlink ? "netlink" : "ioctl"},
              {"errno", "EIO"}});
  const double before = Scrape(kPort)[series];
  EXPECT_NE(Execute({"ethtool", "-m", kDevice}).status, 0);
  EXPECT_EQ(Scrape(kPort)[series] - before, 1);
}

}  // namespace
}  // namespace netchange::test
