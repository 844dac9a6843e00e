// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <csignal>

#include "xdp_events.h"

namespace netchange::test {
namespace {

// A bond of nct0 and ncp0, both ends of pairs.
class XdpBond : public Xdp {
 protected:
  void SetUp() override {
    SKIP_BY_SYSTEM_CALLS("xdp", "a bond changes its ports without a system call");
    RunBatch("ip",
             {"link add ncbond type bond mode active-backup", "link set nct0 down",
              "link set nct0 master ncbond", "link set ncp0 down", "link set ncp0 master ncbond"});
    ports_ = {"nct0", "ncp0"};
    static const int refusal = AttachToBond();
    Xdp::SetUp();  // ignores the counts so far
    if (refusal == EOPNOTSUPP) GTEST_SKIP() << "bonds take XDP programs from Linux 5.15 on";
    ASSERT_EQ(refusal, 0);
  }
  void TearDown() override {
    if (BySystemCalls()) return;
    EXPECT_EQ(Execute({"ip", "link", "del", "ncbond"}).status, 0);
    for (const std::string& port : ports_) ExpectAddressSet(port);
    Xdp::TearDown();
  }
  // 0 or the errno.
  static int AttachToBond() {
    const auto attach = [] {
      const Programs programs;
      const int error = Attach("ncbond", programs.first(), XDP_FLAGS_DRV_MODE);
      return error ? error : Attach("ncbond", -1, XDP_FLAGS_DRV_MODE);
    };
    return ForkAs("loader", attach).status;
  }
  void Enslave(const std::string& port) {
    RunBatch("ip", {"link set " + port + " down", "link set " + port + " master ncbond"});
    ports_.insert(port);
    ExpectLink("flags", port, {1, 0});
    ExpectPortSet(port);
  }
  void Release(const std::string& port) {
    EXPECT_EQ(Execute({"ip", "link", "set", port, "nomaster"}).status, 0);
    ExpectPortSet(port);
    ports_.erase(port);
  }
  // A bond sets MTU and address of a port when it adds or releases it. Expects that, with only the
  // address at the end of the bond.
  void ExpectPortSet(const std::string& port) {
    ExpectLink("mtu", port, {1, 0});
    ExpectAddressSet(port);
  }
  // The bond takes the address of its first port.
  void ExpectAddressSet(const std::string& port) {
    ExpectLink("address", port, {1, port == "nct0" ? 0.0 : 1.0});
  }
  // Expects the same change on all three devices.
  void ExpectAll(const std::string& operation, const std::string& program) {
    for (const char* device : {"ncbond", "nct0", "ncp0"})
      ExpectChange({device, operation, "native", program});
  }

  VethPair second_pair_{"ncp0", "ncp1"};
  std::set<std::string> ports_;
};

TEST_F(XdpBond, CountsEachPortAsADevice) {
  RunLoader([] {
    const Programs programs;
    MUST(Attach("ncbond", programs.first(), XDP_FLAGS_DRV_MODE) == 0);
    MUST(Attach("ncbond", programs.second(), XDP_FLAGS_DRV_MODE) == 0);
    MUST(Attach("nct0", programs.first(), XDP_FLAGS_DRV_MODE) == EEXIST);
    MUST(Attach("ncbond", -1, XDP_FLAGS_DRV_MODE) == 0);
    return 0;
  });
  ExpectAll("attach", "first_prog");
  ExpectAll("replace", "second_prog");
  ExpectError({"nct0", "attach", "native", "first_prog"}, "EEXIST");
  ExpectAll("detach", "second_prog");
}

TEST_F(XdpBond, CountsTheLifeOfALink) {
  RunLoader([] {
    const Programs programs;
    const int link = CreateLink("ncbond", programs.first(), XDP_FLAGS_DRV_MODE);
    MUST(link >= 0);
    MUST(bpf_link_update(link, programs.second(), nullptr) == 0);
    close(link);
    return 0;
  });
  ExpectAll("attach", "first_prog");
  ExpectAll("replace", "second_prog");
  ExpectAll("detach", "second_prog");
}

TEST_F(XdpBond, CountsNothingOfPortsInGenericMode) {
  RunLoader([] {
    const Programs programs;
    MUST(Attach("ncbond", programs.first(), XDP_FLAGS_SKB_MODE) == 0);
    MUST(Attach("ncbond", -1, XDP_FLAGS_SKB_MODE) == 0);
    return 0;
  });
  ExpectChange({"ncbond", "attach", "generic", "first_prog"});
  ExpectChange({"ncbond", "detach", "generic", "first_prog"});
}

TEST_F(XdpBond, CountsAPortThatJoinsAndOneThatLeaves) {
  Release("ncp0");
  RunLoader([] {
    const Programs programs;
    MUST(Attach("ncbond", programs.first(), XDP_FLAGS_DRV_MODE) == 0);
    return 0;
  });
  Enslave("ncp0");
  const auto attached = Attached();
  ASSERT_EQ(attached.size(), 3U) << "the bond and both ports";
  EXPECT_TRUE(attached[0].starts_with(R"({device="ncbond",mode="native",program="first_prog")"))
      << attached[0];
  EXPECT_TRUE(attached[1].starts_with(R"({device="ncp0",mode="native",program="first_prog")"))
      << attached[1];
  Release("nct0");
  EXPECT_EQ(Execute({"ip", "link", "set", "dev", "ncbond", "xdpdrv", "off"}).status, 0);
  EXPECT_EQ(Attached(), std::vector<std::string>());
  ExpectChange({"ncbond", "attach", "native", "first_prog"});
  ExpectChange({"nct0", "attach", "native", "first_prog"});
  ExpectChange({"ncp0", "attach", "native", "first_prog", "ip"});
  ExpectChange({"nct0", "detach", "native", "first_prog", "ip"});
  ExpectChange({"ncp0", "detach", "native", "first_prog", "ip"});
  ExpectChange({"ncbond", "detach", "native", "first_prog", "ip"});
}

// If the second port does not support XDP, the bond detaches the program from the first port.
TEST_F(XdpBond, CountsTheRollbackOnTheFirstPort) {
  Release("ncp0");
  ASSERT_EQ(Execute({"ip", "link", "add", "ncdummy", "type", "dummy"}).status, 0);
  Enslave("ncdummy");
  RunLoader([] {
    const Programs programs;
    MUST(Attach("ncbond", programs.first(), XDP_FLAGS_DRV_MODE) == EOPNOTSUPP);
    return 0;
  });
  EXPECT_EQ(Execute({"ip", "link", "del", "ncdummy"}).status, 0);
  ExpectLink("address", "ncdummy");
  ports_.erase("ncdummy");
  ExpectError({"ncbond", "attach", "native", "first_prog"}, "EOPNOTSUPP");
  ExpectChange({"nct0", "attach", "native", "first_prog"});
  ExpectChange({"nct0", "detach", "native", "first_prog"});
}

// An exporter that starts later must know the ports' programs, which the kernel does not report.
TEST_F(XdpBond, KnowsAPortThatHadItsProgramBeforeTheStart) {
  RunLoader([] {
    const Programs programs;
    MUST(Attach("ncbond", programs.first(), XDP_FLAGS_DRV_MODE) == 0);
    return 0;
  });
  ExpectAll("attach", "first_prog");
  Daemon daemon(kRestartPort, Only({"xdp"}));
  ASSERT_TRUE(daemon.WaitUntilReady()) << daemon.Output();
  EXPECT_EQ(Attached(kRestartPort), Attached());
  Release("nct0");
  EXPECT_EQ(
      Scrape(kRestartPort)[Series("netchange_xdp_changes_total",
                                  LabelsOf({"nct0", "detach", "native", "first_prog", "ip"}))],
      1);
  daemon.Stop();
  EXPECT_EQ(Execute({"ip", "link", "set", "dev", "ncbond", "xdpdrv", "off"}).status, 0);
  ExpectChange({"nct0", "detach", "native", "first_prog", "ip"});
  ExpectChange({"ncp0", "detach", "native", "first_prog", "ip"});
  ExpectChange({"ncbond", "detach", "native", "first_prog", "ip"});
}
}  // namespace
}  // namespace netchange::test
