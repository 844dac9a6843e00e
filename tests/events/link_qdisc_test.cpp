// SPDX-License-Identifier: Apache-2.0
// The root queueing discipline of a link.
#include <linux/pkt_sched.h>
#include <net/if.h>

#include <filesystem>
#include <fstream>

#include "link_events.h"

namespace netchange::test {
namespace {

class Qdisc : public Link {
 protected:
  void SetUp() override {
    ASSERT_EQ(Execute({"ip", "link", "set", "nct0", "up"}).status, 0);
    Link::SetUp();
  }

  static int Tc(const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {"tc", "qdisc"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return Execute(command).status;
  }
};

TEST_F(Qdisc, CountsRequestsForTheRootAndWhetherItsKindChanged) {
  RunBatch("tc", {"qdisc add dev nct0 root handle 1: pfifo limit 10",
                  "qdisc change dev nct0 root handle 1: pfifo limit 20",
                  "qdisc change dev nct0 handle 1: pfifo limit 30",
                  "qdisc replace dev nct0 root pfifo limit 10",
                  "qdisc replace dev nct0 root handle 2: bfifo", "qdisc del dev nct0 root"});
  ExpectWrites({"qdisc", "nct0", "tc"}, 6, 3);
}

TEST_F(Qdisc, CountsRefusalsByTheirErrno) {
  EXPECT_EQ(Tc({"add", "dev", "nct0", "root", "handle", "1:", "pfifo"}), 0);
  EXPECT_NE(Tc({"add", "dev", "nct0", "root", "pfifo"}), 0);
  EXPECT_NE(Tc({"change", "dev", "nct0", "root", "handle", "1:", "bfifo"}), 0);
  EXPECT_NE(Tc({"replace", "dev", "nct0", "root", "nosuchkind"}), 0);
  ExpectWrites({"qdisc", "nct0", "tc"}, 1, 1);
  ExpectRefused({"qdisc", "nct0", "tc"}, EEXIST);
  ExpectRefused({"qdisc", "nct0", "tc"}, EINVAL);
  ExpectRefused({"qdisc", "nct0", "tc"}, ENOENT);
  const int index = static_cast<int>(if_nametoindex("nct0"));
  RunWriter([=] {
    MUST(QdiscRequest(RTM_DELQDISC, index, 0, 0x10000) == EINVAL);  // a handle alone is not enough
    MUST(QdiscRequest(RTM_DELQDISC, index, TC_H_ROOT) == 0);
    MUST(QdiscRequest(RTM_DELQDISC, index, TC_H_ROOT) == ENOENT);
    MUST(QdiscRequest(RTM_DELQDISC, 99999, TC_H_ROOT) == ENODEV);
    return 0;
  });
  ExpectRefused({"qdisc", "nct0"}, EINVAL);
  ExpectWrites({"qdisc", "nct0"}, 1, 1);
  ExpectRefused({"qdisc", "nct0"}, ENOENT);
  ExpectRefused({"qdisc", ""}, ENODEV);
}

// The kernel drops its lock to load the module of a qdisc kind, and then starts the request again.
TEST_F(Qdisc, CountsARestartedRequestOnce) {
  SKIP_WITHOUT(std::filesystem::exists("/modules/sch_prio.ko"), "no sch_prio as a module");
  const std::string setting = "/proc/sys/kernel/modprobe", before = ReadFile(setting);
  std::ofstream("/tmp/modprobe") << "#!/bin/sh\nexec /busybox/bin/insmod /modules/sch_prio.ko\n";
  ASSERT_EQ(Execute({"chmod", "+x", "/tmp/modprobe"}).status, 0);
  ASSERT_EQ(Execute({"rmmod", "sch_prio"}).status, 0);
  ASSERT_EQ(WriteFile(setting, "/tmp/modprobe"), 0);
  EXPECT_EQ(Tc({"replace", "dev", "nct0", "root", "prio"}), 0);
  EXPECT_EQ(WriteFile(setting, before), 0);
  ExpectWrites({"qdisc", "nct0", "tc"}, 1, 1);
}

// A device with three transmit queues below mq.
class QueueQdisc : public Qdisc {
 protected:
  void SetUp() override {
    RunBatch("ip", {"link add ncm0 numtxqueues 3 up type veth peer name ncm1 numtxqueues 3"});
    ASSERT_EQ(Tc({"add", "dev", "ncm0", "root", "handle", "5:", "mq"}), 0);
    Qdisc::SetUp();
  }
  ~QueueQdisc() override { Execute({"ip", "link", "del", "ncm0"}); }

  static Setting Of(const std::string& queue, const std::string& comm = "tc") {
    return {.setting = "qdisc", .device = "ncm0", .comm = comm, .queue = queue};
  }
};

TEST_F(QueueQdisc, IsASettingOfItsQueue) {
  RunBatch("tc",
           {"qdisc replace dev ncm0 parent 5:1 pfifo", "qdisc replace dev ncm0 parent 5:1 pfifo",
            "qdisc replace dev ncm0 parent 5:3 handle 6: bfifo"});
  ExpectWrites(Of("tx-0"), 2, 1);
  ExpectWrites(Of("tx-2"), 1, 1);
}

TEST_F(QueueQdisc, IsFoundByItsHandleAndDeleted) {
  RunBatch("tc", {"qdisc add dev ncm0 parent 5:2 handle 7: pfifo",
                  "qdisc change dev ncm0 handle 7: pfifo limit 9",
                  "qdisc replace dev ncm0 parent 5:3 pfifo", "qdisc del dev ncm0 parent 5:2"});
  ExpectWrites(Of("tx-1"), 3, 2);
  ExpectWrites(Of("tx-2"), 1, 1);
}

TEST_F(QueueQdisc, CountsRefusalsByTheirErrno) {
  EXPECT_NE(Tc({"replace", "dev", "ncm0", "parent", "5:2", "nosuchkind"}), 0);
  ExpectRefused(Of("tx-1"), ENOENT);
  const int index = static_cast<int>(if_nametoindex("ncm0"));
  RunWriter([=] {
    MUST(QdiscRequest(RTM_NEWQDISC, index, 0x50001, 0x80001) == EINVAL);  // no handle of a qdisc
    return 0;
  });
  ExpectRefused(Of("tx-0", "writer"), EINVAL);
}

// Only the queue that a request names, not the other ones of the device. A new root is one write.
TEST_F(QueueQdisc, LeavesTheRootASettingOfTheDevice) {
  RunBatch("tc", {"qdisc del dev ncm0 root", "qdisc add dev ncm0 root handle 5: mq",
                  "qdisc replace dev ncm0 parent 5:3 pfifo"});
  ExpectWrites(Of(""), 2, 2);
  ExpectWrites(Of("tx-2"), 1, 1);
}

TEST_F(QueueQdisc, IgnoresOtherQdiscs) {
  Tc({"add", "dev", "ncm0", "ingress"});  // with or without such a module
  EXPECT_NE(Tc({"replace", "dev", "ncm0", "parent", "5:9", "pfifo"}), 0);  // no such queue
  const int index = static_cast<int>(if_nametoindex("ncm0"));
  RunWriter([=] {
    MUST(QdiscRequest(RTM_GETQDISC, index, TC_H_ROOT) == 0);
    MUST(QdiscRequest(RTM_GETQDISC, index, 0x50001) == 0);
    MUST(QdiscRequest(RTM_DELQDISC, index, 0, 0x770000) == ENOENT);
    return 0;
  });
}

}  // namespace
}  // namespace netchange::test
