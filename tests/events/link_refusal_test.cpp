// SPDX-License-Identifier: Apache-2.0
// Requests that are refused.
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "link_events.h"
#include "link_ioctl.h"

namespace netchange::test {
namespace {

// A refused request has applied the settings before the refused one, and none after it.
TEST_F(Link, CountsAppliedAndRefusedSettingsOfARefusedRequest) {
  EXPECT_NE(Execute({"ip", "link", "set", "nct0", "address", "02:00:00:00:00:01", "mtu", "10",
                     "txqueuelen", "50"})
                .status,
            0);
  ExpectWrites({"address", "nct0", "ip"}, 1, 1);
  ExpectRefused({"mtu", "nct0", "ip"}, EINVAL);
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

}  // namespace
}  // namespace netchange::test
