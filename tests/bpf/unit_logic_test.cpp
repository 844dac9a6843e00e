// SPDX-License-Identifier: Apache-2.0
// Which unit the kernel side finds in a cgroup's path.
#include <string>
#include <utility>
#include <vector>

#include "bpf/abi/cgroup.h"
#include "bpf/abi/counter.h"
#include "bpf/abi/ethtool.h"
#include "cgroups.h"
#include "logic_test.h"
#include "programs/ethtool_logic.h"
#include "util/text.h"

// The skeleton uses types of the headers above.
#include "ethtool_logic.skel.h"

namespace netchange::test {
namespace {

const std::string kId(64, 'a');
const std::string kMixedId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

struct UnitCase {
  std::string group;
  std::string unit;
};

const UnitCase kUnits[] = {
    {"/", ""},
    {"/system.slice/telegraf.service", "telegraf.service"},
    {"/system.slice/system-getty.slice/getty@tty1.service", "getty@.service"},
    {"/system.slice/sshd@3-192.0.2.1:22-192.0.2.7:40000.service", "sshd@.service"},
    {"/user.slice/user-1000.slice/session-3.scope", "session.scope"},
    {"/user.slice/user-1000.slice/session-c1.scope", "session.scope"},
    {"/user.slice/user-1000.slice/user@1000.service/init.scope", "user@.service"},
    {"/user.slice/user-1000.slice/user@1000.service/app.slice/telegraf.service", "user@.service"},
    {"/system.slice/run-u17.service", "run.service"},
    {"/system.slice/run-r0123456789abcdef0123456789abcdef.scope", "run.scope"},
    {"/system.slice/run-p17-i18.service", "run.service"},
    {"/system.slice/run-r0123456789abcdef.service", "run.service"},
    {"/system.slice/run-backup.service", "run-backup.service"},
    {"/system.slice/run-report.service", "run-report.service"},
    {"/system.slice/run-update.service", "run-update.service"},
    {"/system.slice/dbus-:1.2-org.example@0.service", "dbus.service"},
    {"/init.scope", "init.scope"},
    {"/machine.slice/machine-qemu\\x2d1\\x2dguest.scope", "machine.scope"},
    {"/machine.slice/systemd-nspawn@web.service/payload/system.slice/a.service",
     "systemd-nspawn@.service"},
    // Docker, containerd, CRI-O, Podman; drivers systemd and cgroupfs.
    {"/system.slice/docker-" + kId + ".scope", "container"},
    {"/docker/" + kMixedId, "container"},
    {"/system.slice/docker-" + kMixedId + ".scope/system.slice/nginx.service", "container"},
    {"/kubepods.slice/kubepods-burstable.slice/"
     "kubepods-burstable-pod0f4bd3f5_5d5c_4a0e_9a3e_2c6d8a4f1e77.slice/cri-containerd-" +
         kMixedId + ".scope",
     "container"},
    {"/kubepods/besteffort/pod0f4bd3f5-5d5c-4a0e-9a3e-2c6d8a4f1e77/" + kMixedId, "container"},
    {"/system.slice/containerd.service/kubepods-pod0f4bd3f5.slice:cri-containerd:" + kMixedId,
     "container"},
    {"/kubepods.slice/crio-" + kMixedId + ".scope", "container"},
    {"/machine.slice/libpod-" + kMixedId + ".scope/container", "container"},
    {"/lxc.payload.web/system.slice/nginx.service", "container"},
    // Names that only look like a container's, and the engines' monitors.
    {"/system.slice/libpod-conmon-" + kMixedId + ".scope", "libpod.scope"},
    {"/machine.slice/crio-conmon-" + kMixedId + ".scope", "crio.scope"},
    {"/docker/" + std::string(48, 'g') + kMixedId.substr(48), ""},
    {"/system.slice/docker-" + kMixedId + ".service",
     "docker-" + kMixedId.substr(0, 48) + ".service"},
    {"/lxc.payl", ""},
    {"/lxc.paylod", ""},
    // Whoever got a unit cannot leave it by names below.
    {"/system.slice/bob.service/" + kMixedId, "bob.service"},
    {"/system.slice/bob.service/docker-" + kMixedId + ".scope", "bob.service"},
    {"/system.slice/bob.service/lxc.payload.x/a.service", "bob.service"},
    {"/system.slice/docker-" + kId.substr(24) + ".scope", "docker.scope"},
    {"/system.slice/docker-" + std::string(64, 'A') + ".scope", "docker.scope"},
    {"/user.slice/user-1000.slice/user@1000.service/docker-" + kId + ".scope", "user@.service"},
    // Neither service nor scope.
    {"/mygroup", ""},
    {"/system.slice", ""},
    {"/a.service.d", ""},
    // Long names.
    {"/system.slice/" + std::string(54, 'x') + ".service", std::string(54, 'x') + ".service"},
    {"/system.slice/" + std::string(54, 'x') + "@1.service", std::string(54, 'x') + "@.service"},
    {"/system.slice/" + std::string(200, 'x') + ".service", std::string(55, 'x') + ".service"},
    {"/system.slice/" + std::string(55, 'x') + ".service", std::string(55, 'x') + ".service"},
    {"/system.slice/" + std::string(56, 'x') + ".service", std::string(55, 'x') + ".service"},
    {"/system.slice/" + std::string(55, 'x') + "@1.service", std::string(55, 'x') + ".service"},
    {"/system.slice/" + std::string(60, 'x') + "-1.scope", std::string(55, 'x') + ".scope"},
    // Long paths, where a name below the unit would win if the walk ended early.
    {"/user.slice/user@65534.service/node_exporter.service" + Repeated("/d", 15), "user@.service"},
    {"/user.slice/user@65534.service/node_exporter.service" +
         Repeated("/" + std::string(250, 'y'), 3),
     "user@.service"},
    {"/docker/" + kMixedId + "/telegraf.service" + Repeated("/d", 100), "container"},
    {"/telegraf.service" + Repeated("/d", 130), "unknown"},
    {"/1/2/3/4/5/6/7/8/9/10/11/12.service", "12.service"},
};

class UnitLogic : public LogicTest<ethtool_logic_bpf__elf_bytes> {
 protected:
  void LoadWithUnit() {
    object_settings settings{};
    settings.label_unit = 1;
    Load(settings);
  }
  // The unit of a command of this process.
  std::string Unit() {
    ethtool_record record{4026531840, ++command_, 0, ETHTOOL_TRANSPORT_IOCTL, 'd', {}};
    EXPECT_EQ(logic_->Run("record", record), 0);
    for (const auto& [key, value] :
         logic_->Read<ethtool_key, ethtool_counters>("ethtool_commands")) {
      if (key.command == command_) return std::string(TextIn(key.actor.unit));
    }
    return "no entry";
  }

 private:
  std::uint32_t command_ = 0;
};

TEST_F(UnitLogic, IsFoundInTheUnifiedHierarchy) {
  ASSERT_NO_FATAL_FAILURE(LoadWithUnit());
  if (IsSkipped()) return;
  CgroupMount cgroups(CgroupMount::Version::kUnified);
  ASSERT_EQ(cgroups.problem(), "");
  for (const UnitCase& c : kUnits) {
    ASSERT_TRUE(cgroups.Enter(c.group)) << c.group;
    EXPECT_EQ(Unit(), c.unit) << c.group;
    EXPECT_EQ(Unit(), c.unit) << c.group << ", from the map";
  }
}

TEST_F(UnitLogic, IsFoundInTheHierarchyOfSystemd) {
  ASSERT_NO_FATAL_FAILURE(LoadWithUnit());
  if (IsSkipped()) return;
  CgroupMount unified(CgroupMount::Version::kUnified);
  CgroupMount cgroups(CgroupMount::Version::kSystemd);
  if (!cgroups.problem().empty()) GTEST_SKIP() << cgroups.problem() << ": no cgroups v1";
  ASSERT_TRUE(unified.Enter("/"));
  for (const UnitCase& c : kUnits) {
    ASSERT_TRUE(cgroups.Enter(c.group)) << c.group;
    EXPECT_EQ(Unit(), c.unit) << c.group;
  }
}

TEST_F(UnitLogic, StoresTheWholePathOnce) {
  ASSERT_NO_FATAL_FAILURE(LoadWithUnit());
  if (IsSkipped()) return;
  CgroupMount cgroups(CgroupMount::Version::kUnified);
  ASSERT_EQ(cgroups.problem(), "");
  ASSERT_TRUE(cgroups.Enter("/system.slice/docker-" + kMixedId + ".scope/init.scope"));
  Unit();
  Unit();
  const auto found = logic_->Read<cgroup_key, cgroup_names>("cgroups");
  ASSERT_EQ(found.size(), 1U);
  const path_parts& path = found[0].second.path;
  const std::string expected =
      "init.scope" + std::string(1, '\0') + "docker-" + kMixedId + ".scope" + std::string(1, '\0') +
      "system.slice" + std::string(1, '\0') + cgroups.PathOf("/").substr(1) + std::string(1, '\0');
  EXPECT_EQ(std::string(path.parts, path.length), expected);
  EXPECT_EQ(path.incomplete, 0);
  std::uint64_t task = 0;
  EXPECT_NE(bpf_map_get_next_key(logic_->MapFd("path_readings"), nullptr, &task), 0) << "left over";
}

TEST_F(UnitLogic, MarksAPathThatIsTooLong) {
  ASSERT_NO_FATAL_FAILURE(LoadWithUnit());
  if (IsSkipped()) return;
  CgroupMount cgroups(CgroupMount::Version::kUnified);
  ASSERT_EQ(cgroups.problem(), "");
  ASSERT_TRUE(cgroups.Enter("/top.service" + Repeated("/" + std::string(200, 'd'), 4)));
  EXPECT_EQ(Unit(), "top.service");
  const auto found = logic_->Read<cgroup_key, cgroup_names>("cgroups");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].second.path.incomplete, 1);
  EXPECT_EQ(found[0].second.path.length, 3 * 201);
}

// Each hierarchy counts its ids by itself, so two groups can have the same.
TEST_F(UnitLogic, BelongsToOneHierarchy) {
  ASSERT_NO_FATAL_FAILURE(LoadWithUnit());
  if (IsSkipped()) return;
  CgroupMount unified(CgroupMount::Version::kUnified);
  CgroupMount systemd(CgroupMount::Version::kSystemd);
  if (!systemd.problem().empty()) GTEST_SKIP() << systemd.problem() << ": no cgroups v1";
  // A directory takes several ids, one for each of its files. So whichever is behind gets a new
  // group, until two have the same.
  std::uint64_t v1 = 0, v2 = 0;  // inode numbers
  for (int i = 0; i < 100'000 && (v1 != v2 || v1 == 0); ++i) {
    const bool of_v1 = v1 < v2;
    CgroupMount& behind = of_v1 ? systemd : unified;
    const std::string group = of_v1 ? "/of-v1.service" : "/of-v2.service";
    behind.Remove(group);
    (of_v1 ? v1 : v2) = behind.Create(group);
  }
  ASSERT_EQ(v1, v2);
  ASSERT_TRUE(unified.Enter("/of-v2.service"));
  EXPECT_EQ(Unit(), "of-v2.service");
  ASSERT_TRUE(unified.Enter("/"));
  ASSERT_TRUE(systemd.Enter("/of-v1.service"));
  EXPECT_EQ(Unit(), "of-v1.service");
}

// `ip vrf exec` on a host with v1.
TEST_F(UnitLogic, IsThatOfSystemdIfTheOtherHierarchyHasNone) {
  ASSERT_NO_FATAL_FAILURE(LoadWithUnit());
  if (IsSkipped()) return;
  CgroupMount unified(CgroupMount::Version::kUnified);
  CgroupMount systemd(CgroupMount::Version::kSystemd);
  if (!systemd.problem().empty()) GTEST_SKIP() << systemd.problem() << ": no cgroups v1";
  ASSERT_TRUE(unified.Enter("/vrf/mgmt"));
  EXPECT_EQ(Unit(), "");
  ASSERT_TRUE(systemd.Enter("/system.slice/mgmt-agent.service"));
  EXPECT_EQ(Unit(), "mgmt-agent.service");
}

TEST_F(UnitLogic, IsEmptyIfTheLabelIsOff) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  CgroupMount cgroups(CgroupMount::Version::kUnified);
  ASSERT_EQ(cgroups.problem(), "");
  ASSERT_TRUE(cgroups.Enter("/system.slice/telegraf.service"));
  EXPECT_EQ(Unit(), "");
}

}  // namespace
}  // namespace netchange::test
