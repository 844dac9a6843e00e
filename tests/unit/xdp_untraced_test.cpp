// SPDX-License-Identifier: Apache-2.0
#include "collectors/xdp_untraced.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "xdp_untraced_support.h"

namespace netchange {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST(UntracedChanges, AreNoneWhenTheCountsSayWhatIsThere) {
  UntracedChanges untraced({Attached("eth1", "old")});
  const Changes changes = {Change("eth0", XDP_OPERATION_ATTACH, "pass", 3),
                           Change("eth0", XDP_OPERATION_DETACH, "pass", 2)};
  for (int check = 0; check < 3; ++check)
    EXPECT_THAT(Check(untraced, changes, {Attached("eth0", "pass"), Attached("eth1", "old")}),
                IsEmpty());
}

TEST(UntracedChanges, AreToldOnceAndOnlyWhenTwoLooksAgree) {
  UntracedChanges untraced({});
  Changes changes = {Change("eth0", XDP_OPERATION_ATTACH, "first", 2, 1),
                     Change("eth0", XDP_OPERATION_REPLACE, "second", 1, 2)};
  EXPECT_THAT(Check(untraced, changes, {}), IsEmpty());
  const auto found = Check(untraced, changes, {});
  ASSERT_THAT(found, SizeIs(2));
  for (const xdp_key& key : found) {
    EXPECT_EQ(key.operation, XDP_OPERATION_DETACH);
    EXPECT_EQ(key.mode, XDP_MODE_ID_NATIVE);
    EXPECT_STREQ(key.device.name, "eth0");
    EXPECT_STREQ(key.program, "second");
    EXPECT_STREQ(key.actor.comm, "unknown");
    EXPECT_STREQ(key.actor.parent_comm, "unknown");
  }
  changes.push_back({found[0], {2, 3}});
  EXPECT_THAT(Check(untraced, changes, {}), IsEmpty());
  EXPECT_THAT(Check(untraced, changes, {}), IsEmpty());
}

TEST(UntracedChanges, AreNoneWhenTheCountComesAfterTheFirstCheck) {
  UntracedChanges untraced({});
  Changes changes = {Change("eth0", XDP_OPERATION_ATTACH, "pass")};
  EXPECT_THAT(Check(untraced, changes, {}), IsEmpty());
  changes.push_back(Change("eth0", XDP_OPERATION_DETACH, "pass"));
  EXPECT_THAT(Check(untraced, changes, {}), IsEmpty());
  EXPECT_THAT(Check(untraced, changes, {}), IsEmpty());
}

// Two scrapers at once, while a system call has changed something and has not ended.
TEST(UntracedChanges, AreNotReportedByTwoCallsAtOnce) {
  UntracedChanges untraced({});
  const Changes changes = {Change("eth0", XDP_OPERATION_ATTACH, "pass")};
  const std::chrono::milliseconds start{5000};
  for (const int after : {0, 1, 999})
    EXPECT_THAT(untraced.Check(changes, {}, &kRead, start + std::chrono::milliseconds(after)),
                IsEmpty());
  EXPECT_THAT(untraced.Check(changes, {}, &kRead, start + std::chrono::milliseconds(1000)),
              SizeIs(1));
}

// A program that is attached and detached all the time: two calls may both fall into a detached
// moment.
TEST(UntracedChanges, AreNotReportedWhileTheCountsMove) {
  UntracedChanges untraced({});
  for (std::uint64_t round = 1; round < 5; ++round)
    EXPECT_THAT(Check(untraced,
                      {Change("eth0", XDP_OPERATION_ATTACH, "pass", round),
                       Change("eth0", XDP_OPERATION_DETACH, "pass", round - 1)},
                      {}),
                IsEmpty());
}

TEST(UntracedChanges, AreNoDetachesThatWereCounted) {
  UntracedChanges untraced({Attached("eth0", "old")});
  EXPECT_THAT(Check(untraced, {Change("eth0", XDP_OPERATION_DETACH, "old")}, {}), IsEmpty());
  EXPECT_THAT(Check(untraced, {Change("eth0", XDP_OPERATION_DETACH, "old")}, {}), IsEmpty());
}

TEST(UntracedChanges, AreOfProgramsFromBeforeTheStart) {
  UntracedChanges untraced({Attached("eth0", "old")});
  EXPECT_THAT(Check(untraced, {}, {Attached("eth0", "old")}), IsEmpty());
  EXPECT_THAT(Check(untraced, {}, {}), IsEmpty());
  const auto found = Check(untraced, {}, {});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].operation, XDP_OPERATION_DETACH);
  EXPECT_STREQ(found[0].program, "old");
  for (int check = 0; check < 3; ++check)
    EXPECT_THAT(Check(untraced, {{found[0], {1, 5}}}, {}), IsEmpty());
}

TEST(UntracedChanges, AreNotSeriesThatEnd) {
  UntracedChanges untraced({Attached("eth1", "old")});
  const Changes all = {Change("eth0", XDP_OPERATION_ATTACH, "pass"),
                       Change("eth0", XDP_OPERATION_DETACH, "pass"),
                       Change("eth1", XDP_OPERATION_DETACH, "old")};
  EXPECT_THAT(Check(untraced, all, {}), IsEmpty());
  for (int check = 0; check < 3; ++check) EXPECT_THAT(Check(untraced, {all[1]}, {}), IsEmpty());
  for (int check = 0; check < 3; ++check) EXPECT_THAT(Check(untraced, {}, {}), IsEmpty());
  EXPECT_THAT(Check(untraced, all, {}), IsEmpty()) << "one more of each";
}

TEST(UntracedChanges, AreAttachesToo) {
  UntracedChanges untraced({});
  EXPECT_THAT(Check(untraced, {}, {Attached("eth0", "pass")}), IsEmpty());
  const auto found = Check(untraced, {}, {Attached("eth0", "pass")});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].operation, XDP_OPERATION_ATTACH);
  EXPECT_STREQ(found[0].program, "pass");
}

TEST(UntracedChanges, AreNotRenames) {
  UntracedChanges untraced({});
  Changes changes = {Change("eth0", XDP_OPERATION_ATTACH, "pass")};
  for (int check = 0; check < 3; ++check)
    EXPECT_THAT(Check(untraced, changes, {Attached("lan0", "pass")}), IsEmpty());
  changes.push_back(Change("lan0", XDP_OPERATION_DETACH, "pass"));
  for (int check = 0; check < 3; ++check) EXPECT_THAT(Check(untraced, changes, {}), IsEmpty());
}

// After losses, several programs may be missing in one place, and surplus in another.
TEST(UntracedChanges, AreReportedByTheSecondCallWhateverWasLost) {
  UntracedChanges untraced({});
  Changes changes = {Change("eth0", XDP_OPERATION_ATTACH, "pass", 5),
                     Change("eth0", XDP_OPERATION_DETACH, "pass", 1),
                     Change("eth1", XDP_OPERATION_ATTACH, "pass", 1),
                     Change("eth1", XDP_OPERATION_DETACH, "pass", 4)};
  EXPECT_THAT(Check(untraced, changes, {}), IsEmpty());
  const auto found = Check(untraced, changes, {});
  ASSERT_THAT(found, SizeIs(1)) << "as many as are missing less those that are too much";
  EXPECT_EQ(found[0].operation, XDP_OPERATION_DETACH);
  EXPECT_STREQ(found[0].device.name, "eth0");
  changes.push_back({found[0], {1, 3}});
  for (int check = 0; check < 3; ++check) EXPECT_THAT(Check(untraced, changes, {}), IsEmpty());
}

// Without the capability to read the namespaces of other processes.
TEST(UntracedChanges, IgnoreNamespacesThatWereNeverRead) {
  UntracedChanges untraced({});
  const Changes changes = {Change("eth0", XDP_OPERATION_ATTACH, "pass")};
  const std::set<NetnsId> others = {{1, 1}};
  std::chrono::seconds now{0};
  for (int check = 0; check < 3; ++check)
    EXPECT_THAT(untraced.Check(changes, {}, &others, ++now), IsEmpty());
}

TEST(UntracedChanges, AreOfNamespacesThatAreGone) {
  const Changes changes = {Change("eth0", XDP_OPERATION_ATTACH, "pass")};
  const std::set<NetnsId> none;
  UntracedChanges was_read({}), all_are_read({});
  EXPECT_THAT(Check(was_read, changes, {Attached("eth0", "pass")}), IsEmpty());
  std::chrono::hours later{1};
  EXPECT_THAT(was_read.Check(changes, {}, &none, later), IsEmpty());
  EXPECT_THAT(was_read.Check(changes, {}, &none, ++later), SizeIs(1));
  EXPECT_THAT(all_are_read.Check(changes, {}, nullptr, later), IsEmpty());
  EXPECT_THAT(all_are_read.Check(changes, {}, nullptr, ++later), SizeIs(1));
}

TEST(UntracedChanges, AreNotToldAgainOnceGivenUp) {
  UntracedChanges untraced({});
  const Changes changes = {Change("eth0", XDP_OPERATION_ATTACH, "pass")};
  EXPECT_THAT(Check(untraced, changes, {}), IsEmpty());
  const auto found = Check(untraced, changes, {});
  ASSERT_THAT(found, SizeIs(1));
  untraced.GiveUp(found[0]);
  for (int check = 0; check < 3; ++check) EXPECT_THAT(Check(untraced, changes, {}), IsEmpty());
}

TEST(UntracedChanges, AreNotRefusals) {
  UntracedChanges untraced({});
  auto refused = Change("eth0", XDP_OPERATION_ATTACH, "pass");
  refused.first.error = 16;
  for (int check = 0; check < 3; ++check) EXPECT_THAT(Check(untraced, {refused}, {}), IsEmpty());
}

}  // namespace
}  // namespace netchange
