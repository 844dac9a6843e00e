// SPDX-License-Identifier: Apache-2.0
// Settings of links by netlink, ioctl and sysfs.
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "link_events.h"
#include "link_ioctl.h"

namespace netchange::test {
namespace {

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

}  // namespace
}  // namespace netchange::test
