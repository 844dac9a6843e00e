// SPDX-License-Identifier: Apache-2.0
// A bond and its ports.
#include "link_events.h"

namespace netchange::test {
namespace {

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

}  // namespace
}  // namespace netchange::test
