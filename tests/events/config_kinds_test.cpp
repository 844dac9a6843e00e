// SPDX-License-Identifier: Apache-2.0
// Many writes of every kind, one after the other by one process.
#include <cerrno>

#include "config_writes.h"

namespace netchange::test {
namespace {

constexpr int kRounds = 25;

class ConfigKinds : public ConfigWriteTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(Execute({"ip", "link", "add", "nck0", "numrxqueues", "2", "numtxqueues", "2", "type",
                       "veth", "peer", "name", "nck1"})
                  .status,
              0);
    ConfigWriteTest::SetUp();
  }
  void TearDown() override {
    ConfigWriteTest::TearDown();
    Execute({"ip", "link", "del", "nck0"});
  }
};

// Each write of a round has another value than the one before.
TEST_F(ConfigKinds, AreCountedExactlyWhenTheyMix) {
  const std::string settings = "/proc/sys/net/ipv4/", device = "/sys/class/net/nck0/";
  const auto write = [&] {
    int failed = 0;
    for (int round = 0; round < kRounds; ++round) {
      const bool odd = round % 2;
      failed += WriteFile(settings + "conf/nck0/forwarding", odd ? "0" : "1") != 0;
      failed += WriteFile(settings + "neigh/nck0/mcast_solicit", odd ? "4" : "5") != 0;
      failed += WriteFile(settings + "conf/nck0/rp_filter", "banana") != EINVAL;
      failed += WriteFile(device + "queues/rx-1/rps_cpus", odd ? "1" : "2") != 0;
      failed += WriteFile(device + "queues/tx-1/xps_rxqs", odd ? "1" : "2") != 0;
      failed += WriteFile(device + "mtu", std::to_string(1400 + round)) != 0;
    }
    return failed;
  };
  ASSERT_EQ(ForkAs("writer", write).status, 0);
  ExpectWrites({"sysctl", "net.ipv4.conf.*.forwarding", "nck0"}, kRounds, kRounds);
  ExpectWrites({"sysctl", "net.ipv4.neigh.*.mcast_solicit", "nck0"}, kRounds, kRounds);
  ExpectRefused({"sysctl", "net.ipv4.conf.*.rp_filter", "nck0"}, EINVAL, kRounds);
  ExpectWrites({"rps", "rps_cpus", "nck0", "", "rx-1"}, kRounds, kRounds);
  ExpectWrites({"xps", "xps_rxqs", "nck0", "", "tx-1"}, kRounds, kRounds);
  ExpectWrites({"link", "mtu", "nck0"}, kRounds, kRounds);
}

}  // namespace
}  // namespace netchange::test
