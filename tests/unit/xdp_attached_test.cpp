// SPDX-License-Identifier: Apache-2.0
#include "collectors/xdp_attached.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/xdp.h"
#include "support.h"

namespace netchange {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

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
  FamilySet set;
  AttachedProgram native{
      Device("eth0"), {7, {}, {0xab, 0, 0, 0, 0, 0, 0, 0xcd}}, XDP_MODE_ID_NATIVE};
  Fill(native.program.name, "pass");
  const AttachedProgram unknown{Device("eth0"), {8, {}, {}}, XDP_MODE_ID_OFFLOAD};
  RenderXdpAttached({native, unknown}, test.context, set);
  EXPECT_THAT(
      Samples(set.Take(), "netchange_xdp_attached_info"),
      ElementsAre(
          Pair(
              R"(device="eth0",mode="native",program="pass",program_id="7",tag="ab000000000000cd")",
              1),
          Pair(R"(device="eth0",mode="offload",program_id="8")", 1)));
}

TEST(RenderXdpAttached, AnnouncesTheFamilyWithoutAProgram) {
  TestContext test;
  FamilySet set;
  RenderXdpAttached({}, test.context, set);
  const auto families = set.Take();
  ASSERT_EQ(families.size(), 1u);
  EXPECT_EQ(families[0].name, "netchange_xdp_attached_info");
}

}  // namespace
}  // namespace netchange
