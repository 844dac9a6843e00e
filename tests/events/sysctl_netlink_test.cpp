// SPDX-License-Identifier: Apache-2.0
// Sysctls that requests on a netlink socket set, without a write to their files.
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sysctl_events.h"

namespace netchange::test {
namespace {

const std::string kMode = "net.ipv6.conf.*.addr_gen_mode";
const std::string kReachable = "net.ipv4.neigh.*.base_reachable_time_ms";

class SysctlNetlink : public Sysctl {
 protected:
  static Setting By(const std::string& setting, const std::string& device,
                    const std::string& comm = "ip") {
    return {.setting = setting, .device = device, .comm = comm};
  }
};

TEST_F(SysctlNetlink, CountsTheAddressModeOfADevice) {
  RunBatch("ip", {"link set dev nct0 addrgenmode none", "link set dev nct0 addrgenmode none",
                  "link set dev nct1 addrgenmode random"});
  ExpectWrites(By(kMode, "nct0"), 2, 1);
  ExpectWrites(By(kMode, "nct1"), 1, 1);
}

// The same file, by either way.
TEST_F(SysctlNetlink, CountsFileAndRequestAsOneSetting) {
  EXPECT_EQ(WriteAsWriter("/proc/sys/net/ipv6/conf/nct0/addr_gen_mode", "1"), 0);
  EXPECT_EQ(Execute({"ip", "link", "set", "dev", "nct0", "addrgenmode", "none"}).status, 0);
  ExpectWrites(By(kMode, "nct0", "writer"), 1, 1);
  ExpectWrites(By(kMode, "nct0"), 1, 0);
}

// In the unit of the file, which is not always that of the request.
TEST_F(SysctlNetlink, CountsEverySettingOfANeighbourTable) {
  RunBatch("ip", {"ntable change name arp_cache dev nct0 base_reachable 60000",
                  "ntable change name arp_cache dev nct0 base_reachable 60000",
                  "ntable change name arp_cache dev nct0 queue 5 gc_stale 30000 app_probes 2",
                  "ntable change name ndisc_cache dev nct1 retrans 2000"});
  ExpectWrites(By(kReachable, "nct0"), 2, 1);
  ExpectWrites(By("net.ipv4.neigh.*.unres_qlen", "nct0"), 1, 1);
  ExpectWrites(By("net.ipv4.neigh.*.gc_stale_time", "nct0"), 1, 1);
  ExpectWrites(By("net.ipv4.neigh.*.app_solicit", "nct0"), 1, 1);
  ExpectWrites(By("net.ipv6.neigh.*.retrans_time_ms", "nct1"), 1, 1);
  EXPECT_EQ(ValueOf(By(kReachable, "nct0")), 60000);
  EXPECT_EQ(ValueOf(By("net.ipv4.neigh.*.gc_stale_time", "nct0")), 30);
  EXPECT_EQ(ReadFile("/proc/sys/net/ipv4/neigh/nct0/gc_stale_time").substr(0, 2), "30");
}

// IFLA_INET_CONF, which ip(8) does not send. Settings of IPv4 are numbers from 1 on (linux/ip.h).
int SetInetConf(const std::string& device, const std::vector<std::pair<int, int>>& values) {
  struct {
    nlmsghdr header;
    ifinfomsg info;
    char attributes[256];
  } request{};
  char* at = request.attributes;
  const auto begin = [&](int type) {
    auto* attribute = reinterpret_cast<nlattr*>(at);
    attribute->nla_type = static_cast<__u16>(type);
    at += NLA_HDRLEN;
    return attribute;
  };
  const auto end = [&](nlattr* attribute) {
    attribute->nla_len = static_cast<__u16>(at - reinterpret_cast<char*>(attribute));
  };
  nlattr* spec = begin(IFLA_AF_SPEC);
  nlattr* family = begin(AF_INET);
  nlattr* conf = begin(IFLA_INET_CONF);
  for (const auto& [setting, value] : values) {
    nlattr* attribute = begin(setting);
    std::memcpy(at, &value, sizeof(value));
    at += sizeof(value);
    end(attribute);
  }
  for (nlattr* attribute : {conf, family, spec}) end(attribute);
  request.header = {static_cast<__u32>(at - reinterpret_cast<char*>(&request)), RTM_SETLINK,
                    NLM_F_REQUEST | NLM_F_ACK, 1, 0};
  request.info.ifi_index = static_cast<int>(if_nametoindex(device.c_str()));
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  char answer[4096] = {};
  if (send(fd, &request, request.header.nlmsg_len, 0) < 0) return errno;
  if (recv(fd, answer, sizeof(answer), 0) < 0) return errno;
  close(fd);
  return -static_cast<const nlmsgerr*>(NLMSG_DATA(answer))->error;
}

TEST_F(SysctlNetlink, CountsEachIpv4SettingOfARequest) {
  const int forwarding = std::stoi(ReadFile(kConf + "nct0/forwarding"));
  const int filter = std::stoi(ReadFile(kConf + "nct0/rp_filter"));
  const auto set = [=] {
    MUST(SetInetConf("nct0", {{IPV4_DEVCONF_FORWARDING, !forwarding}}) == 0);
    MUST(SetInetConf("nct0", {{IPV4_DEVCONF_FORWARDING, !forwarding},
                              {IPV4_DEVCONF_RP_FILTER, filter + 1}}) == 0);
    MUST(SetInetConf("nct0", {{IPV4_DEVCONF_FORWARDING, forwarding}}) == 0);
    MUST(SetInetConf("nct0", {{999, 1}}) == EINVAL);  // refused before it sets anything
    return 0;
  };
  const RunResult run = ForkAs("setter", set);
  EXPECT_EQ(run.status, 0) << run.output;
  ExpectWrites(By("net.ipv4.conf.*.forwarding", "nct0", "setter"), 3, 2);
  ExpectWrites(By("net.ipv4.conf.*.rp_filter", "nct0", "setter"), 1, 1);
}

}  // namespace
}  // namespace netchange::test
