// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>

#include "changes.h"
#include "ethtool_client.h"
#include "event_test.h"

namespace netchange::test {
namespace {

constexpr char kCommands[] = "netchange_ethtool_commands_total";
constexpr char kErrors[] = "netchange_ethtool_command_errors_total";

struct Command {
  std::string command, option, access, transport;
};

const Command kGetDriverInfo = {"ETHTOOL_GDRVINFO", "-i", "get", "ioctl"};
const Command kGetLink = {"ETHTOOL_GLINK", "", "get", "ioctl"};
const Command kGetRings = {"ETHTOOL_MSG_RINGS_GET", "-g", "get", "netlink"};
const Command kSetChannels = {"ETHTOOL_MSG_CHANNELS_SET", "-L", "set", "netlink"};

class Ethtool : public EventTest {
 protected:
  // The process. By default the executed program, whose parent is this one.
  struct From {
    std::string device;
    std::string netns = "";
    std::string comm = "ethtool";
    std::string parent = "event_tests";
  };

  static Labels LabelsOf(const From& from, const Command& c, const std::string& error = "") {
    return {{"device", from.device},      {"netns", from.netns},      {"comm", from.comm},
            {"parent_comm", from.parent}, {"command", c.command},     {"option", c.option},
            {"access", c.access},         {"transport", c.transport}, {"errno", error}};
  }

  void ExpectCommand(const From& from, const Command& c, const std::string& error = "",
                     double times = 1) {
    Expect(kCommands, LabelsOf(from, c), times);
    if (!error.empty()) Expect(kErrors, LabelsOf(from, c, error), times);
  }

  VethPair pair_{"nct0", "nct1"};
};

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

constexpr std::uint16_t kAsk = NLM_F_REQUEST | NLM_F_ACK;

// Three requests with different results.
struct ThreeRequests {
  explicit ThreeRequests(const RawEthtoolSocket& client)
      : refused(client.Message(ETHTOOL_MSG_RINGS_GET, "nct0", kAsk)),
        succeeds(client.Message(ETHTOOL_MSG_FEATURES_GET, "nct0", kAsk)),
        fails(client.Message(ETHTOOL_MSG_RINGS_GET, "nosuch0", kAsk)) {}
  std::string refused, succeeds, fails;
};

// 0 if the kernel answered all requests as often as they were sent.
int CheckAnswers(const RawEthtoolSocket& client, int times = 1) {
  std::vector<int> expected;
  for (int i = 0; i < times; ++i) expected.insert(expected.end(), {EOPNOTSUPP, 0, ENODEV});
  return client.TakeErrors() == expected ? 0 : 1;
}

const Command kGetFeatures = {"ETHTOOL_MSG_FEATURES_GET", "-k", "get", "netlink"};

TEST_F(Ethtool, CountsEachOfSeveralRequestsInOneCall) {
  const auto send_at_once = [] {
    const RawEthtoolSocket client;
    const ThreeRequests r(client);
    const std::string all = r.refused + r.succeeds + r.fails;
    return send(client.fd(), all.data(), all.size(), 0) < 0 ? errno : CheckAnswers(client);
  };
  EXPECT_EQ(ForkAs("asks", send_at_once).status, 0);
  ExpectCommand({"nct0", "", "asks"}, kGetRings, "EOPNOTSUPP");
  ExpectCommand({"nct0", "", "asks"}, kGetFeatures);
  ExpectCommand({"", "", "asks"}, kGetRings, "ENODEV");
}

// Pieces that end inside a header, and inside a device name.
TEST_F(Ethtool, CountsRequestsThatAreGatheredFromPieces) {
  const auto send_in_pieces = [](auto how) {
    return [how] {
      const RawEthtoolSocket client;
      const ThreeRequests r(client);
      std::string all = r.refused + r.succeeds + r.fails;
      iovec pieces[] = {{all.data(), 9},
                        {all.data() + 9, 0},
                        {all.data() + 9, 22},
                        {all.data() + 31, all.size() - 31}};
      return how(client.fd(), pieces) < 0 ? errno : CheckAnswers(client);
    };
  };
  const auto by_writev = [](int fd, const iovec(&pieces)[4]) { return writev(fd, pieces, 4); };
  const auto by_sendmsg = [](int fd, iovec(&pieces)[4]) {
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = 4;
    return sendmsg(fd, &message, 0);
  };
  EXPECT_EQ(ForkAs("asks", send_in_pieces(by_writev)).status, 0);
  EXPECT_EQ(ForkAs("asks", send_in_pieces(by_sendmsg)).status, 0);
  ExpectCommand({"nct0", "", "asks"}, kGetRings, "EOPNOTSUPP", 2);
  ExpectCommand({"nct0", "", "asks"}, kGetFeatures, "", 2);
  ExpectCommand({"", "", "asks"}, kGetRings, "ENODEV", 2);
}

TEST_F(Ethtool, CountsRequestsByWriteAndBySendmmsg) {
  const auto send_otherwise = [] {
    const RawEthtoolSocket client;
    const ThreeRequests r(client);
    std::string all = r.refused + r.succeeds + r.fails;
    if (write(client.fd(), all.data(), all.size()) < 0) return errno;
    iovec pieces[] = {{all.data(), r.refused.size()},
                      {all.data() + r.refused.size(), r.succeeds.size() + r.fails.size()}};
    mmsghdr messages[2] = {};
    for (int i = 0; i < 2; ++i) {
      messages[i].msg_hdr.msg_iov = &pieces[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    return sendmmsg(client.fd(), messages, 2, 0) != 2 ? errno : CheckAnswers(client, 2);
  };
  EXPECT_EQ(ForkAs("asks", send_otherwise).status, 0);
  ExpectCommand({"nct0", "", "asks"}, kGetRings, "EOPNOTSUPP", 2);
  ExpectCommand({"nct0", "", "asks"}, kGetFeatures, "", 2);
  ExpectCommand({"", "", "asks"}, kGetRings, "ENODEV", 2);
}

// Answers that nobody receives stay in the socket's queue. They do not belong to the next request.
TEST_F(Ethtool, DoesNotTakeAnOldAnswerForTheResult) {
  const auto ask_without_listening = [] {
    const RawEthtoolSocket client;
    const std::string fails = client.Message(ETHTOOL_MSG_RINGS_GET, "nct0", kAsk);
    const std::string succeeds = client.Message(ETHTOOL_MSG_FEATURES_GET, "nct0", NLM_F_REQUEST);
    for (const std::string& request : {fails, succeeds, fails, succeeds})
      if (send(client.fd(), request.data(), request.size(), 0) < 0) return errno;
    return 0;
  };
  EXPECT_EQ(ForkAs("asks", ask_without_listening).status, 0);
  ExpectCommand({"nct0", "", "asks"}, kGetRings, "EOPNOTSUPP", 2);
  ExpectCommand({"nct0", "", "asks"}, kGetFeatures, "", 2);
}

// Requests that never become an ethtool command.
TEST_F(Ethtool, IgnoresRequestsThatAreNotCommands) {
  const auto send_what_is_none = [] {
    const RawEthtoolSocket client;
    const std::string no_request = client.Message(ETHTOOL_MSG_RINGS_GET, "nct0", 0);
    std::string longer_than_it_is = client.Message(ETHTOOL_MSG_RINGS_GET, "nct0", kAsk);
    reinterpret_cast<nlmsghdr*>(longer_than_it_is.data())->nlmsg_len += 1;
    if (send(client.fd(), no_request.data(), no_request.size(), 0) < 0) return errno;
    if (send(client.fd(), longer_than_it_is.data(), longer_than_it_is.size(), 0) < 0) return errno;
    const int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), null = open("/dev/null", O_RDWR);
    const std::string request = client.Message(ETHTOOL_MSG_RINGS_GET, "nct0", kAsk);
    ifreq for_no_socket{};
    if (write(null, request.data(), request.size()) < 0) return errno;
    if (ioctl(null, SIOCETHTOOL, &for_no_socket) == 0 || errno != ENOTTY) return 1;
    if (ioctl(udp, SIOCETHTOOL, nullptr) == 0 || errno != EFAULT) return 2;
    return 0;
  };
  EXPECT_EQ(ForkAs("asks", send_what_is_none).status, 0);
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

TEST_F(Ethtool, NamesTheAttributesOfASet) {
  const RunResult run = Execute({"ethtool", "-A", "nct0", "rx", "on", "tx", "off"});
  EXPECT_NE(run.status, 0);
  ExpectCommand({"nct0"}, {"ETHTOOL_MSG_PAUSE_SET", "-A", "set", "netlink"}, "EOPNOTSUPP");
  const auto events = EventsOf(run.pid, 1);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0]["attributes"], "rx, tx");
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

TEST_F(Ethtool, KeepsAnyByteInAName) {
  const VethPair pair("e\xff\x1b\"\\x", "ncodd");
  EXPECT_EQ(
      ForkAs("bad\n\"\\\xff\x1b[m", [] { return EthtoolIoctl("e\xff\x1b\"\\x", ETHTOOL_GLINK); })
          .status,
      0);
  ExpectCommand({R"(e\\xff\\x1b\"\\x)", "", R"(bad\\x0a\"\\\\xff\\x1b[m)"}, kGetLink);
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
