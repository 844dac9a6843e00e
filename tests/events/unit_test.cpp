// SPDX-License-Identifier: Apache-2.0
// The label `unit`, and the cgroup, container and login in events. bpf/unit_logic_test.cpp has all
// forms of a path; here is what depends on the kernel and the backend.
#include <linux/ethtool.h>
#include <unistd.h>

#include <string>

#include "cgroups.h"
#include "changes.h"
#include "ethtool_client.h"
#include "event_test.h"
#include "xdp_events.h"

namespace netchange::test {
namespace {

const std::string kContainer = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

// One event of each kind of key, by a process "agent" in a cgroup.
class Unit : public EventTest {
 protected:
  static RunResult EventsIn(CgroupMount& cgroups, const std::string& group) {
    cgroups.Create(group);
    return ForkAs("agent", [&] {
      MUST(cgroups.Enter(group));
      MUST(EthtoolIoctl("nct0", ETHTOOL_GDRVINFO) == 0);
      MUST(WriteFile("/proc/sys/net/ipv4/conf/nct0/tag", "7") == 0);
      const Programs programs;
      MUST(Attach("nct0", programs.first(), XDP_FLAGS_SKB_MODE) == 0);
      MUST(Attach("nct0", -1, XDP_FLAGS_SKB_MODE) == 0);
      MUST(WriteFile("/proc/sys/net/ipv4/conf/nct0/tag", "0") == 0);
      return 0;
    });
  }
  static Labels LabelsOf(const std::string& unit, const Labels& own) {
    Labels labels = {
        {"device", "nct0"}, {"comm", "agent"}, {"parent_comm", "event_tests"}, {"unit", unit}};
    labels.insert(labels.end(), own.begin(), own.end());
    return labels;
  }
  void ExpectEventsOf(const std::string& unit) {
    Expect("netchange_ethtool_commands_total", LabelsOf(unit, {{"command", "ETHTOOL_GDRVINFO"},
                                                               {"option", "-i"},
                                                               {"access", "get"},
                                                               {"transport", "ioctl"}}));
    for (const char* family : {"netchange_config_writes_total", "netchange_config_changes_total"}) {
      Expect(family, LabelsOf(unit, {{"kind", "sysctl"}, {"setting", "net.ipv4.conf.*.tag"}}), 2);
    }
    for (const char* operation : {"attach", "detach"}) {
      Expect("netchange_xdp_changes_total",
             LabelsOf(unit,
                      {{"operation", operation}, {"mode", "generic"}, {"program", "first_prog"}}));
    }
  }

  VethPair pair_{"nct0", "nct1"};
};

TEST_F(Unit, IsTheServiceOfTheProcess) {
  CgroupMount cgroups(CgroupMount::Version::kUnified);
  ASSERT_EQ(cgroups.problem(), "");
  const std::string group = "/system.slice/telegraf@lan.service";
  const RunResult run = EventsIn(cgroups, group);
  ASSERT_EQ(run.status, 0) << run.output;
  ExpectEventsOf("telegraf@.service");
  const auto events = EventsOf(run.pid, 5);
  ASSERT_EQ(events.size(), 5U);
  for (const auto& event : events) {
    EXPECT_EQ(event["unit"], "telegraf@.service");
    EXPECT_EQ(event["cgroup"], cgroups.PathOf(group));
    EXPECT_FALSE(event.contains("container"));
  }
}

TEST_F(Unit, IsContainerInAContainer) {
  CgroupMount cgroups(CgroupMount::Version::kUnified);
  ASSERT_EQ(cgroups.problem(), "");
  const std::string group = "/system.slice/docker-" + kContainer + ".scope/system.slice/a.service";
  const RunResult run = EventsIn(cgroups, group);
  ASSERT_EQ(run.status, 0) << run.output;
  ExpectEventsOf("container");
  for (const auto& event : EventsOf(run.pid, 5)) {
    EXPECT_EQ(event["cgroup"], cgroups.PathOf(group));
    EXPECT_EQ(event["container"], kContainer);
  }
}

// Without v2, systemd has a v1 hierarchy of its own.
TEST_F(Unit, IsThatOfSystemdsOwnHierarchy) {
  CgroupMount cgroups(CgroupMount::Version::kSystemd);
  SKIP_WITHOUT(cgroups.problem().empty(), "no cgroups v1");
  const RunResult run = EventsIn(cgroups, "/system.slice/old.service");
  ASSERT_EQ(run.status, 0) << run.output;
  ExpectEventsOf("old.service");
  for (const auto& event : EventsOf(run.pid, 5))
    EXPECT_EQ(event["cgroup"], cgroups.PathOf("/system.slice/old.service"));
}

TEST_F(Unit, BelongsToAProcessThatIsGone) {
  {
    CgroupMount cgroups(CgroupMount::Version::kUnified);
    ASSERT_EQ(cgroups.problem(), "");
    const RunResult run = EventsIn(cgroups, "/system.slice/run-u1.service");
    ASSERT_EQ(run.status, 0) << run.output;
  }  // the group is deleted before the next scrape
  ExpectEventsOf("run.service");
}

TEST_F(Unit, ComesWithTheLoginOfTheEvent) {
  SKIP_WITHOUT(access("/proc/self/loginuid", W_OK) == 0, "no audit");
  const RunResult run = ForkAs("agent", [] {
    MUST(WriteFile("/proc/self/loginuid", "1234") == 0);
    MUST(EthtoolIoctl("nct0", ETHTOOL_GDRVINFO) == 0);
    return 0;
  });
  ASSERT_EQ(run.status, 0) << run.output;
  Expect("netchange_ethtool_commands_total", LabelsOf("", {{"command", "ETHTOOL_GDRVINFO"},
                                                           {"option", "-i"},
                                                           {"access", "get"},
                                                           {"transport", "ioctl"}}));
  const auto events = EventsOf(run.pid, 1);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0]["loginuid"], 1234);
}

}  // namespace
}  // namespace netchange::test
