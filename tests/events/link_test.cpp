// SPDX-License-Identifier: Apache-2.0
// Settings of links by netlink, ioctl and sysfs.
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>

#include "link_events.h"

namespace netchange::test {
namespace {

constexpr int kOtherPort = 10419;

// An ioctl on a device with a filled-in request. Returns 0 or the errno.
int Ioctl(const std::string& device, unsigned long command,
          const std::function<void(ifreq&)>& fill) {
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  device.copy(request.ifr_name, IFNAMSIZ - 1);
  fill(request);
  const int error = ioctl(fd, command, &request) ? errno : 0;
  close(fd);
  return error;
}

int SetMtu(const std::string& device, int mtu) {
  return Ioctl(device, SIOCSIFMTU, [=](ifreq& r) { r.ifr_mtu = mtu; });
}
int SetTxQueueLen(const std::string& device, int length) {
  return Ioctl(device, SIOCSIFTXQLEN, [=](ifreq& r) { r.ifr_qlen = length; });
}
int SetFlags(const std::string& device, int flags) {
  return Ioctl(device, SIOCSIFFLAGS, [=](ifreq& r) { r.ifr_flags = static_cast<short>(flags); });
}
int SetName(const std::string& device, const std::string& name) {
  return Ioctl(device, SIOCSIFNAME, [=](ifreq& r) { name.copy(r.ifr_newname, IFNAMSIZ - 1); });
}
// Sets 02:00:00:00:00:<last>, or another first byte.
int SetAddress(const std::string& device, char last, char first = 2,
               unsigned short type = ARPHRD_ETHER) {
  return Ioctl(device, SIOCSIFHWADDR, [=](ifreq& r) {
    r.ifr_hwaddr = {type, {first, 0, 0, 0, 0, last}};
  });
}

int WriteSysfs(const std::string& device, const std::string& file, const std::string& text) {
  return WriteFile("/sys/class/net/" + device + "/" + file, text);
}

TEST_F(Link, CountsWritesByNetlinkAndWhetherTheyChangedTheValue) {
  RunBatch("ip", {"link set nct0 mtu 1400",
                  "link set nct0 mtu 1400",
                  "link set nct0 mtu 1500",
                  "link set nct0 txqueuelen 50",
                  "link set nct0 txqueuelen 50",
                  "link set nct0 txqueuelen 60",
                  "link set nct0 address 02:00:00:00:00:01",
                  "link set nct0 address 02:00:00:00:00:01",
                  "link set nct0 address 02:00:00:00:00:02",
                  "link set nct0 up",
                  "link set nct0 up",
                  "link set nct0 promisc on",
                  "link set nct0 promisc off",
                  "link set nct0 allmulticast on",
                  "link set nct0 allmulticast off",
                  "link set nct0 arp off",
                  "link set nct0 arp on",
                  "link set nct0 down",
                  "link set nct0 name nctx",
                  "link set nctx name nct0"});
  ExpectWrites({"mtu", "nct0", "ip"}, 3, 2);
  ExpectWrites({"txqueuelen", "nct0", "ip"}, 3, 2);
  ExpectWrites({"address", "nct0", "ip"}, 3, 2);
  ExpectWrites({"flags", "nct0", "ip"}, 9, 8);
  ExpectWrites({"name", "nct0", "ip"}, 1, 1);
  ExpectWrites({"name", "nctx", "ip"}, 1, 1);
  EXPECT_EQ(ValueOf({"mtu", "nct0"}), 1500);
  EXPECT_EQ(ValueOf({"txqueuelen", "nct0"}), 60);
  EXPECT_EQ(ValueOf({"flags", "nct0"}), IFF_BROADCAST | IFF_MULTICAST);
}

TEST_F(Link, CountsWritesByIoctl) {
  RunWriter([] {
    for (const int mtu : {1400, 1400, 1500}) MUST(SetMtu("nct0", mtu) == 0);
    for (const int length : {50, 50, 60}) MUST(SetTxQueueLen("nct0", length) == 0);
    for (const char last : {1, 1, 2}) MUST(SetAddress("nct0", last) == 0);
    const int down = IFF_BROADCAST | IFF_MULTICAST;
    for (const int flags : {down | IFF_UP, down | IFF_UP, down | IFF_UP | IFF_PROMISC, down})
      MUST(SetFlags("nct0", flags) == 0);
    MUST(SetName("nct0", "nct0") == 0);
    MUST(SetName("nct0", "nctx") == 0);
    MUST(SetName("nctx", "nct0") == 0);
    return 0;
  });
  ExpectWrites({"mtu", "nct0"}, 3, 2);
  ExpectWrites({"txqueuelen", "nct0"}, 3, 2);
  ExpectWrites({"address", "nct0"}, 3, 2);
  ExpectWrites({"flags", "nct0"}, 4, 3);
  ExpectWrites({"name", "nct0"}, 2, 1);
  ExpectWrites({"name", "nctx"}, 1, 1);
}

// An ioctl on an AF_INET socket takes another path through the kernel.
TEST_F(Link, CountsFlagsByAnIoctlOfTheInternetOnce) {
  RunWriter([] {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "nct0");
    for (const int flags :
         {IFF_BROADCAST | IFF_MULTICAST | IFF_UP, IFF_BROADCAST | IFF_MULTICAST}) {
      request.ifr_flags = static_cast<short>(flags);
      MUST(ioctl(fd, SIOCSIFFLAGS, &request) == 0);
    }
    close(fd);
    return 0;
  });
  ExpectWrites({"flags", "nct0"}, 2, 2);
}

TEST_F(Link, CountsWritesBySysfs) {
  RunWriter([] {
    for (const char* mtu : {"1400\n", "1400", "0x5dc"}) MUST(WriteSysfs("nct0", "mtu", mtu) == 0);
    for (const char* length : {"50\n", "50", "60"})
      MUST(WriteSysfs("nct0", "tx_queue_len", length) == 0);
    for (const char* flags : {"0x1003\n", "0x1003", "0x1002"})
      MUST(WriteSysfs("nct0", "flags", flags) == 0);
    return 0;
  });
  ExpectWrites({"mtu", "nct0"}, 3, 2);
  ExpectWrites({"txqueuelen", "nct0"}, 3, 2);
  ExpectWrites({"flags", "nct0"}, 3, 2);
  EXPECT_EQ(ValueOf({"mtu", "nct0"}), 1500);
}

TEST_F(Link, CountsEachSettingOfOneRequest) {
  EXPECT_EQ(Execute({"ip", "link", "set", "nct0", "mtu", "1400", "txqueuelen", "50", "address",
                     "02:00:00:00:00:01", "up"})
                .status,
            0);
  for (const char* setting : {"mtu", "txqueuelen", "address", "flags"})
    ExpectWrites({setting, "nct0", "ip"}, 1, 1);
}

// The syscall backend reads only the first request, and counts the others as lost.
TEST_F(Link, CountsRequestsOfOneCallOrReportsThemLost) {
  const int index = static_cast<int>(if_nametoindex("nct0"));
  RunWriter([=] {
    struct {
      nlmsghdr header;
      ifinfomsg body;
      rtattr attribute;
      __u32 length;
    } requests[2]{};
    for (int i : {0, 1}) {
      requests[i].header = {sizeof(requests[i]), RTM_SETLINK, NLM_F_REQUEST, 1, 0};
      requests[i].body.ifi_index = index;
      requests[i].attribute = {sizeof(rtattr) + sizeof(__u32), IFLA_TXQLEN};
      requests[i].length = 50 + i;
    }
    const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    MUST(send(fd, requests, sizeof(requests), 0) == sizeof(requests));
    close(fd);
    return 0;
  });
  const bool by_functions = BackendOf("link") != "syscall";
  ExpectWrites({"txqueuelen", "nct0"}, by_functions ? 2 : 1, by_functions ? 2 : 1);
  if (!by_functions) Expect("netchange_lost_updates_total", {{"collector", "link"}});
}

// A refused request has applied the settings before the refused one, and none after it.
TEST_F(Link, CountsAppliedAndRefusedSettingsOfARefusedRequest) {
  EXPECT_NE(Execute({"ip", "link", "set", "nct0", "address", "02:00:00:00:00:01", "mtu", "10",
                     "txqueuelen", "50"})
                .status,
            0);
  ExpectWrites({"address", "nct0", "ip"}, 1, 1);
  ExpectRefused({"mtu", "nct0", "ip"}, EINVAL);
}

TEST_F(Link, CountsSettingsAfterARenameInOneRequestUnderTheNewName) {
  EXPECT_EQ(Execute({"ip", "link", "set", "nct0", "mtu", "1400", "name", "nctx", "txqueuelen", "50",
                     "up"})
                .status,
            0);
  EXPECT_EQ(Execute({"ip", "link", "set", "nctx", "down"}).status, 0);
  EXPECT_EQ(Execute({"ip", "link", "set", "nctx", "name", "nct0"}).status, 0);
  ExpectWrites({"mtu", "nct0", "ip"}, 1, 1);
  ExpectWrites({"name", "nct0", "ip"}, 1, 1);
  ExpectWrites({"txqueuelen", "nctx", "ip"}, 1, 1);
  ExpectWrites({"flags", "nctx", "ip"}, 2, 2);
  ExpectWrites({"name", "nctx", "ip"}, 1, 1);
}

// For an AF_INET socket, an address label (nct0:1) is not the name of a device.
TEST_F(Link, IgnoresTheFlagsOfAnAddressLabel) {
  RunWriter([] {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "nct0:1");
    request.ifr_flags = IFF_UP;
    MUST(ioctl(fd, SIOCSIFFLAGS, &request) < 0 && errno == EADDRNOTAVAIL);
    close(fd);
    return 0;
  });
}

TEST_F(Link, CountsRefusalsByTheirErrno) {
  ASSERT_EQ(Execute({"ip", "tuntap", "add", "nctun", "mode", "tun"}).status, 0);
  for (const std::vector<std::string>& set :
       {std::vector<std::string>{"mtu", "10"}, {"name", "nct1"}, {"address", "01:00:00:00:00:01"}})
    EXPECT_NE(Execute({"ip", "link", "set", "nct0", set[0], set[1]}).status, 0);
  RunWriter([] {
    MUST(SetMtu("nct0", 10) == EINVAL);
    MUST(WriteSysfs("nct0", "mtu", "10") == EINVAL);
    MUST(SetName("nct0", "nct1") == EEXIST);
    MUST(SetName("nct0", "a/b") == EINVAL);
    MUST(SetAddress("nct0", 1, 1) == EADDRNOTAVAIL);
    MUST(SetAddress("nct0", 1, 2, ARPHRD_LOOPBACK) == EINVAL);
    MUST(SetAddress("nctun", 1, 2, ARPHRD_NONE) == EOPNOTSUPP);
    MUST(WriteSysfs("nct0", "tx_queue_len", "4294967296") == ERANGE);
    return 0;
  });
  EXPECT_EQ(Execute({"ip", "link", "del", "nctun"}).status, 0);
  ExpectRefused({"mtu", "nct0", "ip"}, EINVAL);
  ExpectRefused({"name", "nct0", "ip"}, EEXIST);
  ExpectRefused({"address", "nct0", "ip"}, EADDRNOTAVAIL);
  ExpectRefused({"mtu", "nct0"}, EINVAL, 2);
  ExpectRefused({"name", "nct0"}, EEXIST);
  ExpectRefused({"name", "nct0"}, EINVAL);
  ExpectRefused({"address", "nct0"}, EADDRNOTAVAIL);
  ExpectRefused({"address", "nct0"}, EINVAL);
  ExpectRefused({"address", "nctun"}, EOPNOTSUPP);
  ExpectRefused({"txqueuelen", "nct0"}, ERANGE);
}

// Kernels before 6.2 refuse to rename a device that is up. The count has the result that the
// process got.
TEST_F(Link, CountsTheRenameOfADeviceThatIsUp) {
  const int up = IFF_BROADCAST | IFF_MULTICAST | IFF_UP;
  const int error =
      ForkAs("writer", [=] { return SetFlags("nct0", up) ? 255 : SetName("nct0", "nctx"); }).status;
  ExpectWrites({"flags", "nct0"}, 1, 1);
  if (error) {
    EXPECT_EQ(error, EBUSY);
    ExpectRefused({"name", "nct0"}, EBUSY);
  } else {
    EXPECT_EQ(Execute({"ip", "link", "set", "nctx", "name", "nct0"}).status, 0);
    ExpectWrites({"name", "nct0"}, 1, 1);
    ExpectWrites({"name", "nctx", "ip"}, 1, 1);
  }
}

// A request that is refused before it reaches a device is not a write.
TEST_F(Link, IgnoresRequestsRefusedForMissingPermissionOrDevice) {
  RunWriter([] {
    MUST(SetMtu("nosuch0", 1400) == ENODEV);
    MUST(SetTxQueueLen("nct0", -1) == EINVAL);
    MUST(setuid(65534) == 0);
    MUST(SetMtu("nct0", 1400) == EPERM);
    MUST(SetFlags("nct0", IFF_UP) == EPERM);
    MUST(QdiscRequest(RTM_DELQDISC, 1, TC_H_ROOT) == EPERM);
    return 0;
  });
  EXPECT_NE(Execute({"ip", "link", "set", "nosuch0", "mtu", "1400"}).status, 0);
}

TEST_F(Link, CountsWritesAfterARenameUnderTheNewName) {
  RunBatch("ip", {"link set nct0 mtu 1400", "link set nct0 name nctx", "link set nctx mtu 1300",
                  "link set nctx up", "link set nctx down", "link set nctx name nct0"});
  ExpectWrites({"mtu", "nct0", "ip"}, 1, 1);
  ExpectWrites({"name", "nct0", "ip"}, 1, 1);
  ExpectWrites({"mtu", "nctx", "ip"}, 1, 1);
  ExpectWrites({"flags", "nctx", "ip"}, 2, 2);
  ExpectWrites({"name", "nctx", "ip"}, 1, 1);
}

// A name of digits is not a number.
TEST_F(Link, HasNoValueForSettingsThatAreNotNumbers) {
  RunWriter([] {
    MUST(SetName("nct0", "10") == 0);
    MUST(SetName("10", "nct0") == 0);
    MUST(SetAddress("nct0", 1) == 0);
    return 0;
  });
  ExpectWrites({"name", "nct0"}, 1, 1);
  ExpectWrites({"name", "10"}, 1, 1);
  ExpectWrites({"address", "nct0"}, 1, 1);
  for (const auto& [series, value] : Scrape(port())) {
    if (!series.starts_with("netchange_config_value")) continue;
    EXPECT_EQ(series.find(R"(setting="name")"), std::string::npos) << series;
    EXPECT_EQ(series.find(R"(setting="address")"), std::string::npos) << series;
  }
}

// The default patterns exclude them, because container runtimes configure one for each container.
TEST_F(Link, ExcludesInterfacesOfContainers) {
  const VethPair container("vethnc0", "calinc0"), cilium("lxc1a2b3c4d5e6f", "lxc_health");
  const VethPair bridge("lxcbr0", "lxcbr1");
  RunBatch("ip",
           {"link set vethnc0 mtu 1400", "link set calinc0 name calinc1", "link set calinc1 up",
            "link set lxc1a2b3c4d5e6f mtu 1400", "link set lxc_health mtu 1400",
            "link set lxcbr1 mtu 1400", "link set lxcbr0 mtu 1400", "link set nct0 mtu 1400"});
  EXPECT_EQ(Execute({"tc", "qdisc", "add", "dev", "vethnc0", "root", "pfifo"}).status, 0);
  ExpectWrites({"mtu", "nct0", "ip"}, 1, 1);
  ExpectWrites({"mtu", "lxcbr0", "ip"}, 1, 1);
}

// Attributes set at creation are not writes, but bringing the device up is.
TEST_F(Link, CountsOnlyUpWhenADeviceIsCreated) {
  RunBatch("ip", {"link add ncv0 mtu 1400 address 02:00:00:00:00:01 txqueuelen 50 type veth peer "
                  "name ncv1 mtu 1400",
                  "link del ncv0", "link add ncv0 up type veth peer name ncv1", "link del ncv0"});
  ExpectWrites({"flags", "ncv0", "ip"}, 1, 1);
}

TEST_F(Link, CountsNothingWhenItIsOnlyRead) {
  for (const char* file : {"mtu", "flags", "tx_queue_len", "address"})
    EXPECT_NE(ReadFile(std::string("/sys/class/net/nct0/") + file), "");
  EXPECT_EQ(Execute({"ip", "-s", "-d", "link", "show", "nct0"}).status, 0);
  EXPECT_EQ(Execute({"tc", "qdisc", "show"}).status, 0);
}

// --- a bond and its ports -----------------------------------------------------------------------

class Bond : public Link {
 protected:
  void SetUp() override {
    SKIP_BY_SYSTEM_CALLS("link", "a bond changes its ports without a system call");
    RunBatch("ip", {"link add ncb0 type bond", "link set nct0 master ncb0",
                    "link set nct1 master ncb0", "link set ncb0 address 02:00:00:00:00:01"});
    Link::SetUp();
  }
  ~Bond() override { Execute({"ip", "link", "del", "ncb0"}); }
};

// The bond sets the same for its ports within its own call. Each is a write by the same process.
TEST_F(Bond, CountsWritesToItsPortsToo) {
  RunBatch("ip", {"link set ncb0 mtu 1400", "link set ncb0 address 02:00:00:00:00:02",
                  "link set ncb0 mtu 1400", "link set ncb0 mtu 1500"});
  ExpectWrites({"mtu", "ncb0", "ip"}, 3, 2);
  ExpectWrites({"address", "ncb0", "ip"}, 1, 1);
  for (const char* port : {"nct0", "nct1"}) {
    ExpectWrites({"mtu", port, "ip"}, 2, 2);
    ExpectWrites({"address", port, "ip"}, 1, 1);
  }
}

// When a bond adds or releases a port, what it sets on the port is a write by the requester.
TEST_F(Link, CountsSettingsThatABondMakesOnAPort) {
  SKIP_BY_SYSTEM_CALLS("link", "a bond changes its ports without a system call");
  RunBatch("ip",
           {"link set nct0 address 02:00:00:00:00:01", "link set nct1 address 02:00:00:00:00:02",
            "link add ncb0 type bond", "link set nct0 master ncb0", "link set nct1 master ncb0",
            "link set nct1 nomaster", "link set nct0 nomaster", "link del ncb0"});
  ExpectWrites({"address", "ncb0", "ip"}, 2, 2);  // the first port's; a random one without ports
  ExpectWrites({"address", "nct0", "ip"}, 3, 1);
  ExpectWrites({"address", "nct1", "ip"}, 3, 3);
  for (const char* port : {"nct0", "nct1"}) ExpectWrites({"mtu", port, "ip"}, 2, 0);
}

// --- the end of series ---------------------------------------------------------------------------

class LinkSeries : public testing::Test {
 protected:
  void SetUp() override {
    daemon_ =
        std::make_unique<Daemon>(kOtherPort, Only({"link"}, {WithConfig("series_expiry: 3s\n")}));
    ASSERT_TRUE(daemon_->WaitUntilReady()) << daemon_->Output();
  }
  void TearDown() override {
    if (!daemon_) return;
    daemon_->Stop();
  }

  static Page SeriesOf(const Page& page, const std::string& device) {
    Page found;
    for (const auto& [series, value] : page) {
      if (series.starts_with("netchange_config_") &&
          series.find("device=\"" + device + '"') != std::string::npos)
        found[series] = value;
    }
    return found;
  }
  static double WritesOf(const Page& page, const std::string& device, const std::string& setting) {
    const auto found =
        page.find(Series("netchange_config_writes_total", {{"device", device},
                                                           {"comm", "ip"},
                                                           {"parent_comm", "event_tests"},
                                                           {"kind", "link"},
                                                           {"setting", setting}}));
    return found == page.end() ? 0 : found->second;
  }

  std::unique_ptr<Daemon> daemon_;
};

TEST_F(LinkSeries, ExpireUnderTheOldNameAfterARename) {
  const VethPair pair("ncr0", "ncr1");
  RunBatch("ip", {"link set ncr0 mtu 1400", "link set ncr0 name ncrx", "link set ncrx mtu 1300"});
  Page page = Scrape(kOtherPort);
  EXPECT_EQ(WritesOf(page, "ncr0", "mtu"), 1) << "the counts before it stay until then";
  EXPECT_EQ(WritesOf(page, "ncr0", "name"), 1);
  const Page kept = SeriesOf(page, "ncrx");
  EXPECT_EQ(kept.size(), 4U) << "writes, changes, the time of the newest, and the value";
  EXPECT_TRUE(
      Eventually(kOtherPort, page, [](const Page& p) { return SeriesOf(p, "ncr0").empty(); }));
  EXPECT_EQ(SeriesOf(page, "ncrx"), kept);
  EXPECT_TRUE(Eventually(kOtherPort, page, [](const Page& p) {
    return p.at(R"(netchange_map_entries{map="link_writes"})") == 1 &&
           p.at(R"(netchange_map_entries{map="link_values"})") == 1;
  }));
  RunBatch("ip", {"link set ncrx name ncr0", "link set ncr0 mtu 1400"});
  page = Scrape(kOtherPort);
  EXPECT_EQ(WritesOf(page, "ncr0", "mtu"), 1) << "from 0 on";
  EXPECT_EQ(WritesOf(page, "ncrx", "name"), 1);
  EXPECT_EQ(page.at(R"(netchange_lost_updates_total{collector="link"})"), 0);
}

// --- many at once -------------------------------------------------------------------------------

int WriteInNamespace(const std::string& netns, int times) {
  MUST(EnterNetns(netns));
  for (int i = 0; i < times; ++i) {
    MUST(SetMtu("lo", 1400 + i % 2) == 0);
    MUST(SetFlags("lo", i % 2 ? IFF_LOOPBACK : IFF_LOOPBACK | IFF_UP) == 0);
    MUST(SetTxQueueLen("lo", 77) == 0);
    MUST(SetMtu("lo", 10) == 0);
    MUST(SetMtu("lo", -1) == EINVAL);
  }
  return 0;
}

TEST_F(Link, CountsEachOfFourNamespacesThatAreWrittenAtOnce) {
  const int each = Load(100);
  const std::vector<std::string> namespaces = {"ncns0", "ncns1", "ncns2", "ncns3"};
  for (const std::string& netns : namespaces)
    ASSERT_EQ(Execute({"ip", "netns", "add", netns}).status, 0);
  RunWriter([&] {
    std::vector<std::thread> threads;
    int failures[4] = {};
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&, i] { failures[i] = WriteInNamespace(namespaces[i], each); });
    for (auto& thread : threads) thread.join();
    for (const int failure : failures)
      if (failure) return failure;
    return 0;
  });
  for (const std::string& netns : namespaces) {
    EXPECT_EQ(Execute({"ip", "netns", "del", netns}).status, 0);
    ExpectWrites({"mtu", "lo", "writer", netns}, 2 * each, 2 * each);
    ExpectRefused({"mtu", "lo", "writer", netns}, EINVAL, each);
    ExpectWrites({"flags", "lo", "writer", netns}, each, each);
    ExpectWrites({"txqueuelen", "lo", "writer", netns}, each, 1);
  }
}

// sysfs writers that do not get the kernel's lock repeat their write by themselves
// (restart_syscall). The interrupted attempt is not a write.
TEST_F(Link, CountsARestartedWriteOnce) {
  const int each = Load(400);
  RunWriter([=] {
    std::vector<std::thread> threads;
    for (const std::string device : {"nct0", "nct1"}) {
      threads.emplace_back([=] {
        for (int i = 0; i < each; ++i) WriteSysfs(device, "mtu", i % 2 ? "1500" : "1400");
      });
      threads.emplace_back([=] {
        for (int i = 0; i < each; ++i) SetTxQueueLen(device, 100 + i % 2);
      });
    }
    for (auto& thread : threads) thread.join();
    return 0;
  });
  for (const char* device : {"nct0", "nct1"}) {
    ExpectWrites({"mtu", device}, each, each);
    ExpectWrites({"txqueuelen", device}, each, each);
  }
}

TEST_F(Link, LosesNothingWhenTwoHundredPairsComeAndGo) {
  const int pairs = Load(200);
  std::vector<std::string> commands;
  for (int i = 0; i < pairs; ++i) {
    const std::string left = "ncl" + std::to_string(i), right = "ncr" + std::to_string(i);
    for (const std::string& command :
         {"add " + left + " type veth peer name " + right, "set " + left + " up",
          "set " + right + " up", "del " + left})
      commands.push_back("link " + command);
    ExpectWrites({"flags", left, "ip"}, 1, 1);
    ExpectWrites({"flags", right, "ip"}, 1, 1);
  }
  RunBatch("ip", commands);
}

// Such a request sets the attributes in the other namespace. The syscall backend does not follow it
// there.
TEST_F(Link, CountsSettingsOfADeviceThatIsMoved) {
  ASSERT_EQ(Execute({"ip", "netns", "add", "ncmoved"}).status, 0);
  const RunResult run = Execute({"ip", "link", "set", "nct1", "netns", "ncmoved", "mtu", "1400"});
  EXPECT_EQ(run.status, 0) << run.output;
  EXPECT_EQ(Execute({"ip", "netns", "del", "ncmoved"}).status, 0);
  if (BackendOf("link") == "syscall")
    Expect("netchange_lost_updates_total", {{"collector", "link"}});
  else
    ExpectWrites({"mtu", "nct1", "ip", "ncmoved"}, 1, 1);
}

TEST_F(Link, CountsNothingWhenADeviceIsOnlyMoved) {
  ASSERT_EQ(Execute({"ip", "netns", "add", "ncmoved"}).status, 0);
  EXPECT_EQ(Execute({"ip", "link", "set", "nct1", "netns", "ncmoved"}).status, 0);
  EXPECT_EQ(Execute({"ip", "netns", "del", "ncmoved"}).status, 0);
}

}  // namespace
}  // namespace netchange::test
