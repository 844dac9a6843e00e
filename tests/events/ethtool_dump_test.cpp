// SPDX-License-Identifier: Apache-2.0
// Requests for more than one device.
#include <linux/ethtool_netlink.h>
#include <linux/netlink.h>

#include <algorithm>
#include <cstring>

#include "ethtool_client.h"
#include "ethtool_events.h"

namespace netchange::test {
namespace {

TEST_F(Ethtool, CountsADumpOverAllDevicesOnce) {
  Execute({"ethtool", "-l", "*"});
  ExpectCommand({"*"}, {"ETHTOOL_MSG_CHANNELS_GET", "-l", "get", "netlink"});
}

bool KernelHasFunction(const std::string& name) {
  return ReadFile("/proc/kallsyms").find(" t " + name + "\n") != std::string::npos;
}

// Three commands whose dump can be of one device, on kernels that have the function for it.
TEST_F(Ethtool, NamesTheDeviceOfADumpOfOneDevice) {
  struct Dump {
    std::uint8_t command;
    const char *name, *option;
    std::vector<std::string> functions;
  };
  const Dump dumps[] = {
      {25, "ETHTOOL_MSG_TSINFO_GET", "-T", {"ethnl_tsinfo_start"}},
      {38, "ETHTOOL_MSG_RSS_GET", "-x", {"ethnl_rss_dump_start"}},
      {45, "ETHTOOL_MSG_PHY_GET", "--show-phys", {"ethnl_phy_start", "ethnl_perphy_start"}},
  };
  for (const Dump& dump : dumps) {
    if (std::none_of(dump.functions.begin(), dump.functions.end(), KernelHasFunction)) continue;
    const auto request = [&] { return EthtoolNetlink(dump.command, {"nct0"}, NLM_F_DUMP); };
    EXPECT_EQ(ForkAs("dumper", request).status, 0) << dump.name;
    ExpectCommand({"nct0", "", "dumper"}, {dump.name, dump.option, "get", "netlink"});
  }
}

// Most commands ignore the device of a dump.
TEST_F(Ethtool, CountsADumpThatIgnoresItsDeviceForEveryDevice) {
  const auto request = [] {
    return EthtoolNetlink(ETHTOOL_MSG_FEATURES_GET, {"nct0"}, NLM_F_DUMP);
  };
  EXPECT_EQ(ForkAs("dumper", request).status, 0);
  ExpectCommand({"*", "", "dumper"}, {"ETHTOOL_MSG_FEATURES_GET", "-k", "get", "netlink"});
}

// A dump of many devices has several pages. The kernel makes the later pages when the reader asks
// for them.
TEST_F(Ethtool, CountsADumpOfSeveralPagesOnce) {
  constexpr int kPairs = 20;
  std::vector<std::string> add, remove;
  for (int i = 0; i < kPairs; ++i) {
    const std::string left = "ncp" + std::to_string(i), right = "ncq" + std::to_string(i);
    add.push_back("link add " + left + " type veth peer name " + right);
    remove.push_back("link del " + left);
  }
  RunBatch("ip", add);
  const auto dump = [] {
    EthtoolNetlinkClient client;
    if (client.Request(ETHTOOL_MSG_FEATURES_GET, {}, NLM_F_DUMP)) return 0;
    return std::min(client.bytes() / 1024, 250);
  };
  EXPECT_GT(ForkAs("dumper", dump).status, 64) << "a page is 32 KiB at most: this would be few";
  RunBatch("ip", remove);
  ExpectCommand({"*", "", "dumper"}, {"ETHTOOL_MSG_FEATURES_GET", "-k", "get", "netlink"});
}

}  // namespace
}  // namespace netchange::test
