// SPDX-License-Identifier: Apache-2.0
#include "events/event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace netchange {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Change ChangeOf(std::uint32_t pid) {
  Change change;
  change.pid = pid;
  return change;
}

std::vector<std::uint32_t> Pids(const std::vector<Change>& changes) {
  std::vector<std::uint32_t> pids;
  for (const Change& change : changes) pids.push_back(change.pid);
  return pids;
}

TEST(EventLog, IsEmptyAtFirst) { EXPECT_THAT(EventLog().Newest(10), IsEmpty()); }

TEST(EventLog, GivesTheNewestFirst) {
  EventLog log;
  for (const std::uint32_t pid : {1, 2, 3}) log.Add(ChangeOf(pid));
  EXPECT_THAT(Pids(log.Newest(10)), ElementsAre(3, 2, 1));
}

TEST(EventLog, GivesNoMoreThanIsAskedFor) {
  EventLog log;
  for (const std::uint32_t pid : {1, 2, 3}) log.Add(ChangeOf(pid));
  EXPECT_THAT(Pids(log.Newest(2)), ElementsAre(3, 2));
  EXPECT_THAT(log.Newest(0), IsEmpty());
  EXPECT_THAT(Pids(log.Newest(10)), ElementsAre(3, 2, 1)) << "reading takes nothing away";
}

TEST(EventLog, ForgetsTheOldest) {
  EventLog log(3);
  for (std::uint32_t pid = 1; pid <= 5; ++pid) log.Add(ChangeOf(pid));
  EXPECT_THAT(Pids(log.Newest(10)), ElementsAre(5, 4, 3));
}

TEST(EventLog, KeepsAThousandByDefault) {
  EventLog log;
  for (std::uint32_t pid = 1; pid <= 1001; ++pid) log.Add(ChangeOf(pid));
  const auto pids = Pids(log.Newest(2000));
  ASSERT_EQ(pids.size(), 1000u);
  EXPECT_EQ(pids.front(), 1001u);
  EXPECT_EQ(pids.back(), 2u);
}

TEST(EventLog, KeepsNothingWithoutRoom) {
  EventLog log(0);
  log.Add(ChangeOf(1));
  EXPECT_THAT(log.Newest(10), IsEmpty());
}

TEST(EventLog, KeepsThreeQuartersForPrivilegedActors) {
  EventLog log(8);
  const auto add = [&](std::uint32_t pid, bool unprivileged) {
    Change change = ChangeOf(pid);
    change.unprivileged = unprivileged;
    log.Add(change);
  };
  add(1, false);
  for (std::uint32_t pid = 2; pid <= 100; ++pid) add(pid, true);
  EXPECT_THAT(Pids(log.Newest(10)), ElementsAre(100, 99, 1));
  for (std::uint32_t pid = 101; pid <= 106; ++pid) add(pid, false);
  EXPECT_THAT(Pids(log.Newest(10)), ElementsAre(106, 105, 104, 103, 102, 101, 100, 99));
  add(107, true);
  EXPECT_THAT(Pids(log.Newest(10)), ElementsAre(107, 106, 105, 104, 103, 102, 101, 100));
}

TEST(EventLog, IsReadWhileItIsWritten) {
  EventLog log(100);
  std::thread writer([&] {
    for (std::uint32_t pid = 1; pid <= 5000; ++pid) log.Add(ChangeOf(pid));
  });
  for (int i = 0; i < 200; ++i) {
    const auto pids = Pids(log.Newest(100));
    for (std::size_t at = 1; at < pids.size(); ++at) ASSERT_EQ(pids[at], pids[at - 1] - 1);
  }
  writer.join();
  EXPECT_EQ(log.Newest(1).at(0).pid, 5000u);
}

}  // namespace
}  // namespace netchange
