// SPDX-License-Identifier: Apache-2.0
#include "collectors/xdp_attached.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rendering.h"
#include "support.h"

namespace netchange {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

std::pair<xdp_key, counter> Change(std::uint32_t netns, std::uint16_t error, counter value) {
  xdp_key key{};
  key.device = Device("eth0", netns);
  key.error = error;
  return {key, value};
}

TEST(ChangesByNetns, SumUpWhatSucceeded) {
  EXPECT_THAT(ChangesByNetns({}), IsEmpty());
  EXPECT_THAT(ChangesByNetns({Change(1, 0, {2, 30}), Change(1, 0, {3, 20}), Change(1, 16, {4, 90}),
                              Change(2, 0, {1, 10})}),
              ElementsAre(Pair(1, CountedChanges{5, 30}), Pair(2, CountedChanges{1, 10})));
}

TEST(CountAttached, IsAttachesLessDetachesThatSucceeded) {
  EXPECT_EQ(CountAttached({}), 0);
  Entries<xdp_key, counter> changes;
  const auto add = [&](xdp_operation operation, std::uint64_t count, std::uint16_t error = 0) {
    changes.push_back(Change(1, error, {count, 1}));
    changes.back().first.operation = operation;
  };
  add(XDP_OPERATION_ATTACH, 5);
  add(XDP_OPERATION_ATTACH, 50, 16);
  add(XDP_OPERATION_REPLACE, 7);
  EXPECT_EQ(CountAttached(changes), 5);
  add(XDP_OPERATION_DETACH, 4);
  add(XDP_OPERATION_DEVICE_DELETED, 3);
  EXPECT_EQ(CountAttached(changes), -2);
}

TEST(RenderXdpAttached, HasOneSampleForEachProgram) {
  TestContext test;
  MetricsPage page;
  AttachedProgram native{
      Device("eth0"), {7, {}, {0xab, 0, 0, 0, 0, 0, 0, 0xcd}}, XDP_MODE_ID_NATIVE};
  Fill(native.program.name, "pass");
  const AttachedProgram unknown{Device("eth0"), {8, {}, {}}, XDP_MODE_ID_OFFLOAD};
  RenderXdpAttached({native, unknown}, test.context, page);
  EXPECT_THAT(
      Samples(Families(page), "netchange_xdp_attached_info"),
      ElementsAre(
          Pair(
              R"(device="eth0",mode="native",program="pass",program_id="7",tag="ab000000000000cd")",
              1),
          Pair(R"(device="eth0",mode="offload",program_id="8")", 1)));
}

LinkedProgram Linked(std::uint32_t target, std::uint32_t id, const char* name) {
  LinkedProgram linked{target, {id, {}, {}}};
  Fill(linked.program.name, name);
  return linked;
}

TEST(RenderXdpAttached, NamesTheProgramsOfADispatcher) {
  TestContext test;
  MetricsPage page;
  AttachedProgram dispatcher{Device("eth0"), {7, {}, {}}, XDP_MODE_ID_NATIVE};
  Fill(dispatcher.program.name, "xdp_dispatcher");
  AttachedProgram same = dispatcher, other{Device("eth2"), {8, {}, {}}, XDP_MODE_ID_GENERIC};
  same.device = Device("eth1");
  std::vector<AttachedProgram> attached = {dispatcher, same, other};
  AddLinked({Linked(7, 20, "filter"), Linked(7, 21, "count"), Linked(9, 22, "elsewhere"),
             Linked(20, 23, "not attached itself")},
            attached);
  RenderXdpAttached(attached, test.context, page);
  const auto of = [](const std::string& device, const std::string& mode, const std::string& rest) {
    return Pair("device=\"" + device + "\",mode=\"" + mode + "\"," + rest, 1);
  };
  const std::string filter = R"(program="filter",program_id="20",dispatcher="xdp_dispatcher")",
                    count = R"(program="count",program_id="21",dispatcher="xdp_dispatcher")",
                    caller = R"(program="xdp_dispatcher",program_id="7")";
  EXPECT_THAT(Samples(Families(page), "netchange_xdp_attached_info"),
              UnorderedElementsAre(of("eth0", "native", caller), of("eth0", "native", count),
                                   of("eth0", "native", filter), of("eth1", "native", caller),
                                   of("eth1", "native", count), of("eth1", "native", filter),
                                   of("eth2", "generic", R"(program_id="8")")));
}

TEST(RenderXdpAttached, AnnouncesTheFamilyWithoutAProgram) {
  TestContext test;
  MetricsPage page;
  RenderXdpAttached({}, test.context, page);
  const auto families = Families(page);
  ASSERT_EQ(families.size(), 1u);
  EXPECT_EQ(families[0].name, "netchange_xdp_attached_info");
}

}  // namespace
}  // namespace netchange
