// SPDX-License-Identifier: Apache-2.0
// Devices with a program that get another name or move into another namespace.
#include "xdp_untraced_support.h"

namespace netchange {
namespace {

using testing::SizeIs;

TEST(UntracedChanges, AreNotMovesIntoAnotherNamespace) {
  for (const char* name : {"eth0", "dev0"}) {
    UntracedChanges untraced({});
    Changes changes = {Change("eth0", XDP_OPERATION_ATTACH, "pass")};
    ExpectNone(untraced, changes, {Attached("eth0", "pass")});
    ExpectNone(untraced, changes, {Attached(name, "pass", kThere)});
    ExpectNone(untraced, changes, {Attached("eth0", "pass")});
    ExpectNone(untraced, changes, {Attached(name, "pass", kThere)});
    changes.push_back(Change(name, XDP_OPERATION_DETACH, "pass", 1, 2, kThere));
    ExpectNone(untraced, changes, {});
  }
}

TEST(UntracedChanges, AreUnderTheNewNameAfterARename) {
  UntracedChanges untraced({});
  const Changes changes = {Change("eth0", XDP_OPERATION_ATTACH, "pass")};
  auto before = Attached("eth0", "pass"), after = Attached("lan0", "pass");
  before.ifindex = after.ifindex = 3;
  ExpectNone(untraced, changes, {before});
  ExpectNone(untraced, changes, {after}, 1);
  ExpectNone(untraced, changes, {}, 1);
  const auto found = Check(untraced, changes, {});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_STREQ(found[0].device.name, "lan0");
}

TEST(UntracedChanges, AreNotMovesOfProgramsFromBeforeTheStart) {
  UntracedChanges untraced({Attached("eth0", "pass"), Attached("eth0", "drop", kThere, 8)});
  const std::vector<AttachedProgram> swapped = {Attached("eth0", "drop", kHere, 8),
                                                Attached("dev0", "pass", kThere)};
  ExpectNone(untraced, {}, swapped);
  Changes changes = {Change("dev0", XDP_OPERATION_DETACH, "pass", 1, 2, kThere)};
  ExpectNone(untraced, changes, {swapped[0]});
}

// Between two checks a device moved, and then its program was changed.
TEST(UntracedChanges, AreNotMovesBeforeACountedChange) {
  const auto attach = Change("eth0", XDP_OPERATION_ATTACH, "pass");
  const auto detach = Change("dev0", XDP_OPERATION_DETACH, "pass", 1, 2, kThere);
  const auto attach_other = Change("dev0", XDP_OPERATION_ATTACH, "drop", 1, 3, kThere);
  const auto replace = Change("dev0", XDP_OPERATION_REPLACE, "drop", 1, 3, kThere);
  UntracedChanges detached({}), attached({}), replaced({});
  ExpectNone(detached, {attach, detach}, {});
  ExpectNone(attached, {attach, detach, attach_other}, {Attached("dev0", "drop", kThere, 8)});
  ExpectNone(replaced, {attach, replace}, {Attached("dev0", "drop", kThere, 8)});
}

// Namespaces are read one after the other: a device that moves meanwhile is in both or in none.
TEST(UntracedChanges, AreNotMovesOfWhichACheckSeesOneEnd) {
  const Changes changes = {Change("eth0", XDP_OPERATION_ATTACH, "pass")};
  const auto here = Attached("eth0", "pass"), there = Attached("eth0", "pass", kThere);
  UntracedChanges in_none({}), in_both({});
  ExpectNone(in_none, changes, {}, 1);
  ExpectNone(in_none, changes, {there});
  ExpectNone(in_both, changes, {here, there}, 1);
  ExpectNone(in_both, changes, {there});
}

TEST(UntracedChanges, AreOfTheDeviceThatDidNotMove) {
  UntracedChanges untraced({});
  const Changes changes = {Change("eth0", XDP_OPERATION_ATTACH, "pass"),
                           Change("eth1", XDP_OPERATION_ATTACH, "pass")};
  ExpectNone(untraced, changes,
             {Attached("eth0", "pass", kHere, 7), Attached("eth1", "pass", kHere, 8)});
  ExpectNone(untraced, changes, {Attached("dev0", "pass", kThere, 8)}, 1);
  const auto found = Check(untraced, changes, {Attached("dev0", "pass", kThere, 8)});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_STREQ(found[0].device.name, "eth0");
  EXPECT_EQ(found[0].operation, XDP_OPERATION_DETACH);
}

// An attach of which only the program was seen yet, and not the count.
TEST(UntracedChanges, AreNotHiddenByAnAttachElsewhere) {
  UntracedChanges untraced({});
  Changes changes = {Change("eth0", XDP_OPERATION_ATTACH, "pass")};
  ExpectNone(untraced, changes, {Attached("eth0", "pass")});
  const auto other = Attached("eth0", "pass", kThere);
  ExpectNone(untraced, changes, {other}, 1);
  changes.push_back(Change("eth0", XDP_OPERATION_ATTACH, "pass", 1, 2, kThere));
  const auto found = Check(untraced, changes, {other});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].device.netns, kHere);
}

}  // namespace
}  // namespace netchange
