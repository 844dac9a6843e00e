// SPDX-License-Identifier: Apache-2.0
// Labels of a sysctl write: setting, device, namespace and process.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <map>
#include <thread>

#include "changes.h"
#include "sysctl_events.h"

namespace netchange::test {
namespace {

TEST_F(Sysctl, NamesTheProcessOfTheRealProgram) {
  EXPECT_EQ(Execute({"sysctl", "-q", "-w", "net.ipv4.conf.nct0.rp_filter=2"}).status, 0);
  EXPECT_EQ(Execute({"sysctl", "-q", "-w", "net.ipv4.conf.nct0.rp_filter=0"}).status, 0);
  ExpectWrites({"net.ipv4.conf.*.rp_filter", "nct0", "sysctl"}, 2, 2);
}

TEST_F(Sysctl, CountsAllAndDefaultAsDevicesOfTheirOwn) {
  EXPECT_EQ(WriteAsWriter(kConf + "all/accept_source_route", "1"), 0);
  EXPECT_EQ(WriteAsWriter(kConf + "all/accept_source_route", "0"), 0);
  EXPECT_EQ(WriteAsWriter(kConf + "default/log_martians", "1"), 0);
  EXPECT_EQ(WriteAsWriter(kConf + "default/log_martians", "0"), 0);
  ExpectWrites({"net.ipv4.conf.*.accept_source_route", "all"}, 2, 2);
  ExpectWrites({"net.ipv4.conf.*.log_martians", "default"}, 2, 2);
}

// One switch with two names: a write counts once, under the written name, however many devices it
// changes.
TEST_F(Sysctl, CountsForwardingOfAllUnderTheNameThatWasWritten) {
  EXPECT_EQ(WriteAsWriter("/proc/sys/net/ipv4/ip_forward", "1"), 0);
  EXPECT_EQ(WriteAsWriter(kConf + "all/forwarding", "1"), 0);
  EXPECT_EQ(WriteAsWriter(kConf + "all/forwarding", "0"), 0);
  EXPECT_EQ(WriteAsWriter("/proc/sys/net/ipv4/ip_forward", "0"), 0);
  ExpectWrites({"net.ipv4.ip_forward"}, 2, 1);
  ExpectWrites({"net.ipv4.conf.*.forwarding", "all"}, 2, 1);
  EXPECT_EQ(ValueOf({"net.ipv4.ip_forward", ""}), 0);
}

TEST_F(Sysctl, KeepsTheNameOfADeletedDevice) {
  {
    const VethPair gone("ncgone0", "ncgone1");
    EXPECT_EQ(WriteAsWriter(kConf + "ncgone0/arp_announce", "2"), 0);
  }
  ExpectWrites({"net.ipv4.conf.*.arp_announce", "ncgone0"}, 1, 1);
}

TEST_F(Sysctl, NamesADeviceWithDots) {
  ASSERT_EQ(Execute({"ip", "link", "set", "nct1", "name", "nct1.10.x"}).status, 0);
  ExpectLink("name", "nct1");
  EXPECT_EQ(WriteAsWriter(kConf + "nct1.10.x/forwarding", "1"), 0);
  EXPECT_EQ(WriteAsWriter(kNet + "ipv6/neigh/nct1.10.x/app_solicit", "1"), 0);
  ExpectWrites({"net.ipv4.conf.*.forwarding", "nct1.10.x"}, 1, 1);
  ExpectWrites({"net.ipv6.neigh.*.app_solicit", "nct1.10.x"}, 1, 1);
}

TEST_F(Sysctl, DistinguishesNamesThatAreTooLong) {
  const std::string name = "netchange_test_has_a_name_longer_than_that_of_any_other_known_";
  SKIP_WITHOUT(Exists(kNet + name + "1"), "no test module");
  for (const char* text : {"1", "1", "2"}) EXPECT_EQ(WriteAsWriter(kNet + name + "1", text), 0);
  for (const char* text : {"1", "0"}) EXPECT_EQ(WriteAsWriter(kNet + name + "2", text), 0);
  std::map<double, std::string> settings;  // by number of writes
  const std::string prefix = "setting=\"net." + name.substr(0, 40);
  for (const auto& [series, value] : Scrape(port())) {
    const auto at = series.find(prefix);
    if (!series.starts_with("netchange_config_writes_total") || at == std::string::npos) continue;
    const auto begin = at + std::strlen("setting=\"");
    settings[value] = series.substr(begin, series.find('"', begin) - begin);
  }
  ASSERT_EQ(settings.size(), 2U);
  for (const auto& [writes, setting] : settings) {
    EXPECT_EQ(setting.size(), 63U) << setting;
    ExpectWrites({setting}, writes, 2);
  }
  EXPECT_NE(settings.begin()->second, settings.rbegin()->second);
}

TEST_F(Sysctl, MarksWritesThatChangeEveryDevice) {
  const std::string conf = kNet + "ipv6/conf/";
  for (const char* file : {"all/forwarding", "default/forwarding"}) {
    for (const char* text : {"1", "1", "0"}) EXPECT_EQ(WriteAsWriter(conf + file, text), 0);
    ExpectWrites({"net.ipv6.conf.*.forwarding", std::string(file, std::strchr(file, '/'))}, 3, 2);
  }
  std::map<std::string, std::string> every;
  for (const auto& event : EventsOfSetting("net.ipv6.conf.*.forwarding", 6))
    every[event["device"]] += event["every_device"] == true ? 'y' : 'n';
  EXPECT_EQ(every["all"], "yny");
  EXPECT_EQ(every["default"], "nnn");
}

TEST_F(Sysctl, CountsEachNamespaceOnItsOwn) {
  for (const std::string netns : {"ncns1", "ncns2"}) {
    ASSERT_EQ(Execute({"ip", "netns", "add", netns}).status, 0);
    EXPECT_EQ(ExecuteIn(netns, {"sysctl", "-q", "-w", "net.ipv4.conf.lo.rp_filter=1"}).status, 0);
    EXPECT_EQ(ExecuteIn(netns, {"sysctl", "-q", "-w", "net.ipv4.ip_forward=1"}).status, 0);
    ExpectWrites({"net.ipv4.conf.*.rp_filter", "lo", "sysctl", netns}, 1, 1);
    ExpectWrites({"net.ipv4.ip_forward", "", "sysctl", netns}, 1, 1);
    ASSERT_EQ(Execute({"ip", "netns", "del", netns}).status,
              0);  // the next namespace may get the same inode number
  }
}

// Such a setting is machine-wide, so it has no namespace.
TEST_F(Sysctl, CountsAKeyOfTheWholeMachineWithoutNamespace) {
  SKIP_WITHOUT(Exists(kNet + "flag"), "no test module");
  ASSERT_EQ(Execute({"ip", "netns", "add", "ncflag"}).status, 0);
  EXPECT_EQ(ExecuteIn("ncflag", {"sysctl", "-q", "-w", "net.flag=3"}).status, 0);
  EXPECT_EQ(Execute({"ip", "netns", "del", "ncflag"}).status, 0);
  EXPECT_EQ(WriteAsWriter(kNet + "flag", "0"), 0);
  ExpectWrites({"net.flag", "", "sysctl"}, 1, 1);
  ExpectWrites({"net.flag"}, 1, 1);
}

TEST_F(Sysctl, CountsAFileInTheNamespaceWhereItWasOpened) {
  ASSERT_EQ(Execute({"ip", "netns", "add", "ncold"}).status, 0);
  const auto write = [] {
    const int fd = open((kNet + "core/somaxconn").c_str(), O_WRONLY);
    if (fd < 0 || !EnterNetns("ncold")) return 1;
    return ::write(fd, "4097", 4) == 4 && ::pwrite(fd, "4096", 4, 0) == 4 ? 0 : errno;
  };
  EXPECT_EQ(ForkAs("writer", write).status, 0);
  EXPECT_EQ(Execute({"ip", "netns", "del", "ncold"}).status, 0);
  ExpectWrites({"net.core.somaxconn"}, 2, 2);
}

// Interfaces of containers are excluded by default, but only for configuration writes.
TEST_F(Sysctl, ExcludesInterfacesOfContainers) {
  const VethPair container("vethnc0", "calinc0");
  EXPECT_EQ(WriteAsWriter(kConf + "vethnc0/forwarding", "1"), 0);
  EXPECT_EQ(WriteAsWriter(kNet + "ipv6/conf/calinc0/accept_ra", "0"), 0);
  EXPECT_EQ(WriteAsWriter(kConf + "nct0/forwarding", "1"), 0);
  ExpectWrites({"net.ipv4.conf.*.forwarding", "nct0"}, 1, 1);
}

}  // namespace
}  // namespace netchange::test
