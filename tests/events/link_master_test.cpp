// SPDX-License-Identifier: Apache-2.0
// What a device takes from another one: a bridge its address and MTU from its ports, a VLAN its
// address from its device. Within the call for the port, so each is a write by the same process.
#include "link_events.h"

namespace netchange::test {
namespace {

class Master : public Link {
 protected:
  void SetUp() override {
    SKIP_BY_SYSTEM_CALLS("link", "a bond changes its ports without a system call");
    RunBatch("ip",
             {"link set nct0 address 02:00:00:00:00:01", "link set nct1 address 02:00:00:00:00:02",
              "link add ncb0 type bridge", "link set nct0 up",
              "link add link nct0 name ncv0 type vlan id 5", "link set ncv0 up"});
    Link::SetUp();
  }
  ~Master() override { Execute({"ip", "link", "del", "ncb0"}); }
};

TEST_F(Master, BridgeTakesTheLowestAddressAndMtuOfItsPorts) {
  RunBatch("ip", {"link set nct1 master ncb0", "link set nct0 master ncb0",
                  "link set nct1 mtu 1400", "link set nct0 address 02:00:00:00:00:03",
                  "link set nct1 nomaster", "link set nct0 nomaster"});
  ExpectWrites({"mtu", "nct1", "ip"}, 1, 1);
  ExpectWrites({"mtu", "ncb0", "ip"}, 5, 2);
  ExpectWrites({"address", "nct0", "ip"}, 1, 1);
  ExpectWrites({"address", "ncb0", "ip"}, 5, 5);
  ExpectWrites({"address", "ncv0", "ip"}, 1, 1);
}

// An address that a person has set stays. The bridge's own setter counts once.
TEST_F(Master, BridgeKeepsAnAddressOfItsOwn) {
  RunBatch("ip", {"link set ncb0 address 02:00:00:00:00:09", "link set nct1 master ncb0"});
  ExpectWrites({"address", "ncb0", "ip"}, 1, 1);
  ExpectWrites({"mtu", "ncb0", "ip"}, 1, 0);
}

TEST_F(Master, VlanFollowsTheAddressOfItsDevice) {
  RunBatch("ip",
           {"link set nct0 address 02:00:00:00:00:04", "link set nct0 address 02:00:00:00:00:04",
            "link set ncv0 address 02:00:00:00:00:05", "link set nct0 address 02:00:00:00:00:06"});
  ExpectWrites({"address", "nct0", "ip"}, 3, 2);
  ExpectWrites({"address", "ncv0", "ip"}, 2, 2);
}

// Devices that are only being made or deleted write nothing.
TEST_F(Master, CountsNoAddressOfANewDevice) {
  RunBatch("ip", {"link add ncb1 type bridge", "link add link nct0 name ncv1 type vlan id 6",
                  "link add ncb2 type bond", "link add link nct0 name ncm1 type macvlan",
                  "link del ncm1", "link del ncb2", "link del ncv1", "link del ncb1"});
}

}  // namespace
}  // namespace netchange::test
