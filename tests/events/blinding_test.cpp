// SPDX-License-Identifier: Apache-2.0
// Unprivileged users invent names, so that the maps get full. The events of others
// must still be counted, each under its own name.
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "ethtool_client.h"
#include "event_test.h"

namespace netchange::test {
namespace {

constexpr int kOtherPort = 10419;
constexpr int kMaxEntries = 1024;             // of each map
constexpr double kQuarter = kMaxEntries / 4;  // of unprivileged actors
constexpr uid_t kNobody = 65534;

// In emulated guests fewer, which fill a quarter of the maps all the same.
int InventedNames() { return InGuest() ? Load(10'000) : 100'000; }

void CallItself(const char* stem, int number) {
  prctl(PR_SET_NAME, (stem + std::to_string(number)).c_str());
}

class Blinding : public testing::Test {
 protected:
  void SetUp() override {
    daemon_ = std::make_unique<Daemon>(
        kOtherPort, Only({"ethtool", "link", "sysctl"},
                         {WithConfig("max_entries: " + std::to_string(kMaxEntries) +
                                     "\nconfig_writes: {namespaces: {include: []}}\n")}));
    ASSERT_TRUE(daemon_->WaitUntilReady()) << daemon_->Output();
  }
  void TearDown() override { daemon_->Stop(); }

  struct Sum {
    double series = 0, events = 0;
  };
  // Series of a family that have all of these labels, written label="value".
  static Sum Of(const Page& page, const std::string& family,
                const std::vector<std::string>& labels = {}) {
    Sum sum;
    for (const auto& [series, value] : page) {
      if (series.find(family + "{") == std::string::npos) continue;
      bool all = true;
      for (const std::string& label : labels) all &= series.find(label) != std::string::npos;
      sum.series += all;
      sum.events += all ? value : 0;
    }
    return sum;
  }
  static double Lost(const Page& page, const std::string& collector) {
    return page.at("netchange_lost_updates_total{collector=\"" + collector + "\"}");
  }
  // Events of root, each with a name of its own, after everything else.
  static int RootsEvents(const std::string& device) {
    for (int i = 0; i < kRoots; ++i) {
      CallItself("root", i);
      MUST(EthtoolIoctl(device, ETHTOOL_GLINK) == 0);
    }
    return 0;
  }
  static constexpr int kRoots = 200;

  std::unique_ptr<Daemon> daemon_;
};

TEST_F(Blinding, FailsForAUserWhoInventsDevicesAndProcesses) {
  const int names = InventedNames();
  const RunResult flood = ForkAs("flood", [names] {
    MUST(setuid(kNobody) == 0);
    for (int i = 0; i < names; ++i) {
      CallItself("f", i);
      MUST(EthtoolIoctl("no" + std::to_string(i), ETHTOOL_GDRVINFO) == ENODEV);
    }
    return 0;
  });
  ASSERT_EQ(flood.status, 0) << flood.output;
  ASSERT_EQ(ForkAs("root", [] { return RootsEvents("lo"); }).status, 0);
  const Page page = Scrape(kOtherPort);
  const std::string family = "netchange_ethtool_commands_total";
  const Sum theirs = Of(page, family, {"command=\"ETHTOOL_GDRVINFO\""});
  EXPECT_EQ(theirs.events, names);
  EXPECT_LE(theirs.series, kQuarter + 2) << "own keys, and two folded ones";
  EXPECT_EQ(Of(page, family, {"device=\"no"}).series, 0) << "an invented name is no label";
  EXPECT_EQ(Of(page, "netchange_ethtool_command_errors_total", {"errno=\"ENODEV\""}).events, names);
  for (int i = 0; i < kRoots; ++i) {
    const std::string comm = "comm=\"root" + std::to_string(i) + "\"";
    EXPECT_EQ(Of(page, family, {"device=\"lo\"", comm}).events, 1) << comm;
  }
  EXPECT_EQ(Lost(page, "ethtool"), 0);
}

// Command numbers that no kernel has: up to 2^32 of them.
TEST_F(Blinding, FailsForAUserWhoInventsCommands) {
  const int numbers = InventedNames();
  const RunResult flood = ForkAs("flood", [numbers] {
    MUST(setuid(kNobody) == 0);
    for (int i = 0; i < numbers; ++i)
      MUST(EthtoolIoctl("lo", 0xf0000 + static_cast<std::uint32_t>(i)) != 0);
    return 0;
  });
  ASSERT_EQ(flood.status, 0) << flood.output;
  const Page page = Scrape(kOtherPort);
  const Sum theirs = Of(page, "netchange_ethtool_commands_total", {"command=\"unknown\""});
  EXPECT_EQ(theirs.series, 1);
  EXPECT_EQ(theirs.events, numbers);
  EXPECT_EQ(Lost(page, "ethtool"), 0);
}

// Root in a user namespace of its own, which anybody may make.
int FloodInUserNamespace(int names) {
  MUST(setuid(kNobody) == 0);
  MUST(prctl(PR_SET_DUMPABLE, 1) == 0);  // otherwise its files below /proc belong to root
  MUST(unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0);
  MUST(WriteFile("/proc/self/uid_map", "0 65534 1") == 0);
  MUST(setuid(0) == 0);
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  MUST(socket >= 0);
  std::string name = "lo";
  for (int i = 0; i < names; ++i) {
    CallItself("f", i);
    struct ifreq request {};
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    name = "no" + std::to_string(i);
    name.copy(request.ifr_newname, IFNAMSIZ - 1);
    MUST(ioctl(socket, SIOCSIFNAME, &request) == 0);
    MUST(WriteFile("/proc/sys/net/ipv4/ip_forward", i % 2 ? "0" : "1") == 0);
  }
  return 0;
}

TEST_F(Blinding, FailsForRootInAUserNamespace) {
  const int names = InventedNames() / 5;
  const VethPair pair("nbl0", "nbl1");
  const double before = Of(Scrape(kOtherPort), "netchange_config_writes_total").events;
  const RunResult flood = ForkAs("flood", [names] { return FloodInUserNamespace(names); });
  ASSERT_EQ(flood.status, 0) << flood.output;
  for (int mtu = 1400; mtu < 1420; ++mtu) {
    ASSERT_EQ(Execute({"ip", "link", "set", "nbl0", "mtu", std::to_string(mtu)}).status, 0);
    ASSERT_EQ(WriteFile("/proc/sys/net/ipv4/conf/nbl0/forwarding", mtu % 2 ? "1" : "0"), 0);
  }
  const Page page = Scrape(kOtherPort);
  const std::string family = "netchange_config_writes_total";
  EXPECT_EQ(Of(page, family).events - before, 2 * names + 40);
  EXPECT_LE(Of(page, family, {"setting=\"name\""}).series, kQuarter + 2);
  EXPECT_LE(Of(page, family, {"setting=\"net.ipv4.ip_forward\""}).series, kQuarter + 2);
  EXPECT_EQ(Of(page, family, {"setting=\"mtu\"", "device=\"nbl0\"", "comm=\"ip\""}).events, 20);
  EXPECT_EQ(Of(page, family, {"conf.*.forwarding\"", "device=\"nbl0\""}).events, 20);
  EXPECT_EQ(Lost(page, "link"), 0);
  EXPECT_EQ(Lost(page, "sysctl"), 0);
}

}  // namespace
}  // namespace netchange::test
