// SPDX-License-Identifier: Apache-2.0
// The device and the namespace of a command.
#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>
#include <net/if.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "changes.h"
#include "ethtool_client.h"
#include "ethtool_events.h"

namespace netchange::test {
namespace {

// A name that somebody made up is no label. The event has it.
TEST_F(Ethtool, HasNoDeviceIfTheKernelDidNotFindIt) {
  const RunResult ioctl = ForkAs("asks", [] { return EthtoolIoctl("nosuch0", ETHTOOL_GLINK); });
  const RunResult netlink =
      ForkAs("asks", [] { return EthtoolNetlink(ETHTOOL_MSG_RINGS_GET, {"nosuch1"}); });
  EXPECT_EQ(ioctl.status, ENODEV);
  EXPECT_EQ(netlink.status, ENODEV);
  ExpectCommand({"", "", "asks"}, kGetLink, "ENODEV");
  ExpectCommand({"", "", "asks"}, kGetRings, "ENODEV");
  const auto first = EventsOf(ioctl.pid, 1), second = EventsOf(netlink.pid, 1);
  ASSERT_EQ(first.size(), 1U);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(first[0]["device"], "nosuch0");
  EXPECT_EQ(second[0]["device"], "nosuch1");
}

TEST_F(Ethtool, HasOneSeriesForAllNamesThatNobodyMadeUp) {
  const int names = Load(5'000);
  const RunResult run = ForkAs("nobody", [=] {
    MUST(setuid(65534) == 0);
    EthtoolNetlinkClient client;
    for (int i = 0; i < names; ++i) {
      const std::string name = "made" + std::to_string(i);
      MUST(EthtoolIoctl(name, ETHTOOL_GDRVINFO) == ENODEV);
      MUST(client.Request(ETHTOOL_MSG_FEATURES_GET, {name}) == ENODEV);
      MUST(client.Request(ETHTOOL_MSG_CHANNELS_SET, {name}) == EPERM);
      MUST(client.Request(200, {name}) == EOPNOTSUPP);
    }
    return 0;
  });
  EXPECT_EQ(run.status, 0) << run.output;
  const From nobody = {"", "", "nobody"};
  ExpectCommand(nobody, kGetDriverInfo, "ENODEV", names);
  ExpectCommand(nobody, {"ETHTOOL_MSG_FEATURES_GET", "-k", "get", "netlink"}, "ENODEV", names);
  ExpectCommand(nobody, kSetChannels, "EPERM", names);
  ExpectCommand(nobody, {"unknown_200", "", "", "netlink"}, "EOPNOTSUPP", names);
}

TEST_F(Ethtool, NamesADeviceRequestedByIndexOrAlternativeName) {
  ASSERT_EQ(Execute({"ip", "link", "property", "add", "dev", "nct0", "altname",
                     "a-name-longer-than-any-device-has"})
                .status,
            0);
  const std::uint32_t index = if_nametoindex("nct0");
  EXPECT_EQ(ForkAs("asks",
                   [&] {
                     return EthtoolNetlink(ETHTOOL_MSG_RINGS_GET, {"", index});
                   })
                .status,
            EOPNOTSUPP);
  EXPECT_EQ(ForkAs("asks",
                   [&] {
                     return EthtoolNetlink(ETHTOOL_MSG_RINGS_GET,
                                           {"a-name-longer-than-any-device-has"});
                   })
                .status,
            EOPNOTSUPP);
  ExpectCommand({"nct0", "", "asks"}, kGetRings, "EOPNOTSUPP", 2);
}

TEST_F(Ethtool, NamesADeviceThatAnIoctlCallsByItsAlternativeName) {
  ASSERT_EQ(
      Execute({"ip", "link", "property", "add", "dev", "nct0", "altname", "other-name"}).status, 0);
  EXPECT_EQ(ForkAs("asks", [] { return EthtoolIoctl("other-name", ETHTOOL_GLINK); }).status, 0);
  ExpectCommand({"nct0", "", "asks"}, kGetLink);
}

TEST_F(Ethtool, CountsDevicesOfANamedNamespaceUnderItsName) {
  ASSERT_EQ(Execute({"ip", "netns", "add", "ncns"}).status, 0);
  ASSERT_EQ(ExecuteIn("ncns", {"ip", "link", "add", "nct0", "type", "veth", "peer", "name", "nct1"})
                .status,
            0);
  EXPECT_EQ(ExecuteIn("ncns", {"ethtool", "-i", "nct0"}).status, 0);
  const RunResult rings = ExecuteIn("ncns", {"ethtool", "-g", "nct0"});
  EXPECT_NE(rings.status, 0);
  EXPECT_EQ(Execute({"ethtool", "-i", "nct0"}).status, 0);
  // Deleted before the scrape: the name was looked up when the event arrived.
  EXPECT_EQ(EventsOf(rings.pid, 1).size(), 1U);
  EXPECT_EQ(Execute({"ip", "netns", "del", "ncns"}).status, 0);
  ExpectCommand({"nct0", "ncns"}, kGetDriverInfo);
  ExpectCommand({"nct0", "ncns"}, kGetRings, "EOPNOTSUPP");
  ExpectCommand({"nct0"}, kGetDriverInfo);
}

TEST_F(Ethtool, KeepsAnyByteInAName) {
  const VethPair pair("e\xff\x1b\"\\x", "ncodd");
  EXPECT_EQ(
      ForkAs("bad\n\"\\\xff\x1b[m", [] { return EthtoolIoctl("e\xff\x1b\"\\x", ETHTOOL_GLINK); })
          .status,
      0);
  ExpectCommand({R"(e\\xff\\x1b\"\\x)", "", R"(bad\\x0a\"\\\\xff\\x1b[m)"}, kGetLink);
}

// The device is renamed while it is requested. Each request counts once, under one of the names.
TEST_F(Ethtool, CountsEachRequestOnceWhileTheDeviceIsRenamed) {
  const int requests = Load(1000), rename_rounds = Load(10);
  const Page before = Scrape(port());
  const auto rename_and_ask = [=] {
    std::thread renames([=] {
      for (int i = 0; i < rename_rounds; ++i) {
        Execute({"ip", "link", "set", "nct0", "name", "nctx"});
        Execute({"ip", "link", "set", "nctx", "name", "nct0"});
      }
    });
    int answered = 0;
    for (int i = 0; i < requests; ++i) answered += EthtoolIoctl("nct0", ETHTOOL_GLINK) == 0;
    renames.join();
    return answered > 0 ? 0 : 1;
  };
  EXPECT_EQ(ForkAs("renamer", rename_and_ask).status, 0);
  const Page after = Scrape(port());
  const auto refused = [&](const char* device) {
    const auto at =
        after.find(Series(kErrors, LabelsOf({device, "", "renamer"}, kGetLink, "ENODEV")));
    return at == after.end() ? 0 : at->second;
  };
  // The syscall backend may have found a device that the kernel did not find a moment later.
  const double not_found = refused(""), found = refused("nct0");
  Expect(kCommands, LabelsOf({"nct0", "", "renamer"}, kGetLink), requests - not_found);
  const double renamed = rename_rounds;
  for (const char* device : {"nct0", "nctx"})
    ExpectLink("name", device, {renamed, renamed, "ip", "renamer"});
  EXPECT_LT(not_found + found, requests);
  if (found > 0) Expect(kErrors, LabelsOf({"nct0", "", "renamer"}, kGetLink, "ENODEV"), found);
  if (not_found > 0) ExpectCommand({"", "", "renamer"}, kGetLink, "ENODEV", not_found);
}

}  // namespace
}  // namespace netchange::test
