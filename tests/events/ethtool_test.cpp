// SPDX-License-Identifier: Apache-2.0
#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>

#include "changes.h"
#include "ethtool_client.h"
#include "ethtool_events.h"

namespace netchange::test {
namespace {

TEST_F(Ethtool, CountsEveryIoctlOfTheRealProgram) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Execute({"ethtool", "-i", "nct0"}).status, 0);
  EXPECT_EQ(Execute({"ethtool", "-S", "nct0"}).status, 0);
  ExpectCommand({"nct0"}, kGetDriverInfo, "", 3);
  ExpectCommand({"nct0"}, {"ETHTOOL_GSSET_INFO", "", "get", "ioctl"});
  ExpectCommand({"nct0"}, {"ETHTOOL_GSTRINGS", "", "get", "ioctl"});
  ExpectCommand({"nct0"}, {"ETHTOOL_GSTATS", "-S", "get", "ioctl"});
}

TEST_F(Ethtool, CountsNetlinkRequestsThatTheDriverRefuses) {
  for (int i = 0; i < 2; ++i) EXPECT_NE(Execute({"ethtool", "-g", "nct0"}).status, 0);
  EXPECT_NE(Execute({"ethtool", "-c", "nct0"}).status, 0);
  EXPECT_NE(Execute({"ethtool", "-a", "nct1"}).status, 0);
  EXPECT_NE(Execute({"ethtool", "--show-eee", "nct0"}).status, 0);
  EXPECT_NE(Execute({"ethtool", "-m", "nct0"}).status, 0);
  ExpectCommand({"nct0"}, kGetRings, "EOPNOTSUPP", 2);
  ExpectCommand({"nct0"}, {"ETHTOOL_MSG_COALESCE_GET", "-c", "get", "netlink"}, "EOPNOTSUPP");
  ExpectCommand({"nct1"}, {"ETHTOOL_MSG_PAUSE_GET", "-a", "get", "netlink"}, "EOPNOTSUPP");
  ExpectCommand({"nct0"}, {"ETHTOOL_MSG_EEE_GET", "--show-eee", "get", "netlink"}, "EOPNOTSUPP");
  const Command read_module = KernelKnowsEthtoolNetlink(ETHTOOL_MSG_MODULE_EEPROM_GET)
                                  ? Command{"ETHTOOL_MSG_MODULE_EEPROM_GET", "-m", "get", "netlink"}
                                  : Command{"ETHTOOL_GMODULEINFO", "-m", "get", "ioctl"};
  ExpectCommand({"nct0"}, read_module, "EOPNOTSUPP");
}

TEST_F(Ethtool, CountsSettersAndTheReadsBeforeThem) {
  // Not every kernel's veth has channels. Without channels, both commands are refused.
  const bool has_channels = Execute({"ethtool", "-l", "nct0"}).status == 0;
  const std::string error = has_channels ? "" : "EOPNOTSUPP";
  EXPECT_EQ(Execute({"ethtool", "-L", "nct0", "rx", "1"}).status == 0, has_channels);
  EXPECT_EQ(Execute({"ethtool", "-T", "nct0"}).status, 0);
  ExpectCommand({"nct0"}, kSetChannels, error);
  ExpectCommand({"nct0"}, {"ETHTOOL_MSG_CHANNELS_GET", "-l", "get", "netlink"}, error);
  ExpectCommand({"nct0"}, {"ETHTOOL_MSG_TSINFO_GET", "-T", "get", "netlink"});
}

TEST_F(Ethtool, NamesTheSubCommandOfPerqueue) {
  const RunResult run =
      ForkAs("perqueue", [] { return EthtoolIoctl("nct0", ETHTOOL_PERQUEUE, ETHTOOL_GCOALESCE); });
  EXPECT_EQ(run.status, EOPNOTSUPP);
  ExpectCommand({"nct0", "", "perqueue"}, {"ETHTOOL_GCOALESCE", "-c", "get", "ioctl"},
                "EOPNOTSUPP");
}

TEST_F(Ethtool, CountsUnknownCommandNumbers) {
  EXPECT_EQ(ForkAs("odd", [] { return EthtoolIoctl("nct0", 57005); }).status, EOPNOTSUPP);
  EXPECT_EQ(ForkAs("odd", [] { return EthtoolNetlink(200, {"nct0"}); }).status, EOPNOTSUPP);
  ExpectCommand({"nct0", "", "odd"}, {"unknown_57005", "", "", "ioctl"}, "EOPNOTSUPP");
  ExpectCommand({"nct0", "", "odd"}, {"unknown_200", "", "", "netlink"}, "EOPNOTSUPP");
}

TEST_F(Ethtool, CountsAnIoctlWhoseCommandCannotBeRead) {
  const auto ask_nothing = [] {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "nct0:1");
    return ioctl(fd, SIOCETHTOOL, &request) ? errno : 0;
  };
  EXPECT_EQ(ForkAs("asks", ask_nothing).status, EFAULT);
  ExpectCommand({"nct0", "", "asks"}, {"unknown_0", "", "", "ioctl"}, "EFAULT");
}

TEST_F(Ethtool, NamesTheAttributesOfASet) {
  const RunResult run = Execute({"ethtool", "-A", "nct0", "rx", "on", "tx", "off"});
  EXPECT_NE(run.status, 0);
  ExpectCommand({"nct0"}, {"ETHTOOL_MSG_PAUSE_SET", "-A", "set", "netlink"}, "EOPNOTSUPP");
  const auto events = EventsOf(run.pid, 1);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0]["attributes"], "rx, tx");
}

TEST_F(Ethtool, PutsEachCommandIntoABucketOfItsDuration) {
  const std::string name = "netchange_ethtool_command_duration_seconds";
  const Labels labels = {{"device", "nct0"}, {"command", "ETHTOOL_GLINK"}, {"transport", "ioctl"}};
  const auto all = [&] {
    Labels with_bound = labels;
    with_bound.emplace_back("le", "+Inf");
    return Scrape(port())[Series(name + "_bucket", with_bound)];
  };
  const double before = all();
  EXPECT_EQ(ForkAs("asks", [] { return EthtoolIoctl("nct0", ETHTOOL_GLINK); }).status, 0);
  EXPECT_EQ(all() - before, 1);
  Page page = Scrape(port());
  EXPECT_EQ(page[Series(name + "_count", labels)], all());
  EXPECT_GT(page[Series(name + "_sum", labels)], 0);
  ExpectCommand({"nct0", "", "asks"}, kGetLink);
}

TEST_F(Ethtool, NamesTheProcessAndNotItsThread) {
  const auto by_thread = [] {
    int error = 0;
    std::thread worker([&] {
      prctl(PR_SET_NAME, "worker-thread");
      error = EthtoolIoctl("nct0", ETHTOOL_GLINK);
      EthtoolNetlink(ETHTOOL_MSG_RINGS_GET, {"nct0"});
    });
    worker.join();
    return error;
  };
  EXPECT_EQ(ForkAs("real-name", by_thread).status, 0);
  ExpectCommand({"nct0", "", "real-name"}, kGetLink);
  ExpectCommand({"nct0", "", "real-name"}, kGetRings, "EOPNOTSUPP");
}

TEST_F(Ethtool, CountsCommandsRefusedForMissingPermission) {
  const auto as_nobody = [](auto request) {
    return [request] {
      if (setuid(65534)) return 255;
      return request();
    };
  };
  EXPECT_EQ(
      ForkAs("nobody", as_nobody([] { return EthtoolIoctl("nct0", ETHTOOL_SRINGPARAM); })).status,
      EPERM);
  EXPECT_EQ(
      ForkAs("nobody", as_nobody([] { return EthtoolNetlink(ETHTOOL_MSG_CHANNELS_SET, {"nct0"}); }))
          .status,
      EPERM);
  ExpectCommand({"nct0", "", "nobody"}, {"ETHTOOL_SRINGPARAM", "-G", "set", "ioctl"}, "EPERM");
  ExpectCommand({"", "", "nobody"}, kSetChannels, "EPERM");  // refused before the look-up
}

// Each thread has its own command and device, so an error shows on its counter.
TEST_F(Ethtool, LosesNothingWhenManyThreadsAskAtOnce) {
  const int each = Load(10'000);
  std::atomic<int> channels = 0;  // errno of a channels request
  const auto hammer = [&] {
    std::vector<std::thread> threads;
    for (const std::string device : {"nct0", "nct1"}) {
      for (const std::uint32_t command : {ETHTOOL_GLINK, ETHTOOL_GMSGLVL}) {
        threads.emplace_back([=] {
          for (int i = 0; i < each; ++i) EthtoolIoctl(device, command);
        });
      }
      for (const std::uint8_t command : {ETHTOOL_MSG_RINGS_GET, ETHTOOL_MSG_CHANNELS_GET}) {
        threads.emplace_back([=, &channels] {
          EthtoolNetlinkClient client;
          int error = 0;
          for (int i = 0; i < each; ++i) error = client.Request(command, {device});
          if (command == ETHTOOL_MSG_CHANNELS_GET) channels = error;
        });
      }
    }
    for (auto& thread : threads) thread.join();
    return channels.load();
  };
  const int refusal = ForkAs("hammer", hammer).status;
  EXPECT_TRUE(refusal == 0 || refusal == EOPNOTSUPP) << refusal;
  for (const char* device : {"nct0", "nct1"}) {
    const From from{device, "", "hammer"};
    ExpectCommand(from, kGetLink, "", each);
    ExpectCommand(from, {"ETHTOOL_GMSGLVL", "", "get", "ioctl"}, "EOPNOTSUPP", each);
    ExpectCommand(from, kGetRings, "EOPNOTSUPP", each);
    ExpectCommand(from, {"ETHTOOL_MSG_CHANNELS_GET", "-l", "get", "netlink"},
                  refusal ? "EOPNOTSUPP" : "", each);
  }
}

}  // namespace
}  // namespace netchange::test
