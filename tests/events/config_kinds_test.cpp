// SPDX-License-Identifier: Apache-2.0
// Many writes of every kind, one after the other, by one process.
#include <cerrno>
#include <filesystem>

#include "config_writes.h"

namespace netchange::test {
namespace {

constexpr int kRounds = 25;

// An interrupt of eth0, which is a guest's virtio device; empty elsewhere.
std::string IrqOfEth0() {
  const std::filesystem::path irqs = "/sys/class/net/eth0/device/../msi_irqs";
  std::error_code none;
  for (const auto& irq : std::filesystem::directory_iterator(irqs, none))
    return irq.path().filename();
  return "";
}

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

// Each write of a round changes the value.
TEST_F(ConfigKinds, AreCountedExactlyWhenTheyMix) {
  const std::string settings = "/proc/sys/net/ipv4/", device = "/sys/class/net/nck0/";
  const std::string irq = IrqOfEth0();
  EXPECT_EQ(irq.empty(), !InGuest());
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
      if (!irq.empty())
        failed += WriteFile("/proc/irq/" + irq + "/smp_affinity", odd ? "1" : "2") != 0;
    }
    return failed;
  };
  ASSERT_EQ(ForkAs("writer", write).status, 0);
  ExpectWrites({"net.ipv4.conf.*.forwarding", "nck0"}, kRounds, kRounds);
  ExpectWrites({"net.ipv4.neigh.*.mcast_solicit", "nck0"}, kRounds, kRounds);
  ExpectRefused({"net.ipv4.conf.*.rp_filter", "nck0"}, EINVAL, kRounds);
  ExpectWrites({.setting = "rps_cpus", .device = "nck0", .queue = "rx-1"}, kRounds, kRounds);
  ExpectWrites({.setting = "xps_rxqs", .device = "nck0", .queue = "tx-1"}, kRounds, kRounds);
  ExpectWrites({"mtu", "nck0"}, kRounds, kRounds);
  if (!irq.empty())
    ExpectWrites({.setting = "smp_affinity", .device = "eth0", .irq = irq}, kRounds, kRounds);
}

}  // namespace
}  // namespace netchange::test
