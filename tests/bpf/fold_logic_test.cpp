// SPDX-License-Identifier: Apache-2.0
// Keys that do not fit in a map, on the example of ethtool commands.
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <set>
#include <tuple>

#include "bpf/abi/ethtool.h"
#include "kernel/clock.h"
#include "kernel/series_expiry.h"
#include "logic_test.h"
#include "programs/ethtool_logic.h"

// The skeleton uses types of the headers above.
#include "ethtool_logic.skel.h"

namespace netchange::test {
namespace {

constexpr std::uint32_t kEntries = 160;  // of which 40 are the quarter of unprivileged actors
constexpr std::uint32_t kQuarter = kEntries / 4;
constexpr std::uint32_t kOwnKeys = kQuarter - kQuarter / 4;

// Takes CAP_NET_ADMIN from this thread while it lives.
class WithoutNetAdmin {
 public:
  WithoutNetAdmin() { Set(false); }
  ~WithoutNetAdmin() { Set(true); }
  WithoutNetAdmin(const WithoutNetAdmin&) = delete;
  WithoutNetAdmin& operator=(const WithoutNetAdmin&) = delete;

 private:
  static void Set(bool on) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2]{};
    ASSERT_EQ(syscall(SYS_capget, &header, data), 0);
    constexpr std::uint32_t kNetAdmin = 1U << CAP_NET_ADMIN;
    data[0].effective = on ? data[0].effective | kNetAdmin : data[0].effective & ~kNetAdmin;
    ASSERT_EQ(syscall(SYS_capset, &header, data), 0);
  }
};

class FoldLogic : public LogicTest<ethtool_logic_bpf__elf_bytes> {
 protected:
  void Record(std::uint32_t netns, std::uint32_t command, int result = 0) {
    ethtool_record record{netns, command, result, ETHTOOL_TRANSPORT_NETLINK, 'd', {}};
    ASSERT_EQ(logic_->Run("record", record), 0);
  }
  // Commands by how their key is folded (0: not), of actors privileged and unprivileged.
  using Counts = std::map<std::pair<bool, int>, std::uint64_t>;
  [[nodiscard]] static int FoldOf(const ethtool_key& key) {
    if (std::strcmp(key.device.name, "other") == 0) return 2;
    return std::strcmp(key.actor.comm, "other") == 0 ? 1 : 0;
  }
  Counts CountsByFold(bool entries) {
    Counts counts;
    for (const auto& [key, value] :
         logic_->Read<ethtool_key, ethtool_counters>("ethtool_commands")) {
      counts[{key.actor.unprivileged != 0, FoldOf(key)}] += entries ? 1 : value.commands.count;
    }
    return counts;
  }
  std::uint64_t Lost() { return logic_->Statistics(COLLECTOR_ETHTOOL).lost_updates; }
};

TEST_F(FoldLogic, KeepsUnprivilegedActorsInAQuarterOfTheMap) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels, kEntries));
  if (IsSkipped()) return;
  constexpr std::uint32_t kNamespaces = 500;
  {
    const WithoutNetAdmin nobody;
    for (std::uint32_t i = 0; i < kNamespaces; ++i) Record(100 + i, 3);
  }
  EXPECT_EQ(CountsByFold(true),
            (Counts{{{true, 0}, kOwnKeys}, {{true, 1}, kQuarter - kOwnKeys}, {{true, 2}, 1}}));
  EXPECT_EQ(CountsByFold(false)[std::pair(true, 2)], kNamespaces - kQuarter);
  for (std::uint32_t i = 0; i < kEntries - kQuarter - 1; ++i) Record(2000 + i, 3);
  const auto counts = CountsByFold(true);
  EXPECT_EQ(counts.at({false, 0}), kEntries - kQuarter - 1) << "the rest is root's";
  EXPECT_EQ(counts.count({false, 1}), 0U);
  EXPECT_EQ(Lost(), 0U);
}

TEST_F(FoldLogic, KeepsCommandAndErrnoOfAFoldedKey) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels, kEntries));
  if (IsSkipped()) return;
  const WithoutNetAdmin nobody;
  for (std::uint32_t i = 0; i < kQuarter; ++i) Record(100 + i, 3);
  for (std::uint32_t i = 0; i < 7; ++i) Record(900 + i, 5, -EPERM);
  std::map<std::tuple<std::uint32_t, int, std::string>, std::uint64_t> folded;
  for (const auto& [key, value] : logic_->Read<ethtool_key, ethtool_counters>("ethtool_commands")) {
    if (FoldOf(key) == 2) {
      folded[{key.command, key.error, key.actor.comm}] = value.commands.count;
      EXPECT_EQ(key.device.netns, static_cast<std::uint32_t>(NETNS_MACHINE));
    }
  }
  EXPECT_EQ(folded, (decltype(folded){{{5, EPERM, "other"}, 7}}));
}

TEST_F(FoldLogic, FoldsRootsKeysOnceRootHasFilledTheMap) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels, kEntries));
  if (IsSkipped()) return;
  constexpr std::uint32_t kNamespaces = 2000;
  for (std::uint32_t i = 0; i < kNamespaces; ++i) Record(100 + i, 3);
  EXPECT_EQ(CountsByFold(true),
            (Counts{{{false, 0}, kEntries}, {{false, 1}, FOLD_ENTRIES / 2}, {{false, 2}, 1}}));
  EXPECT_EQ(CountsByFold(false)[std::pair(false, 2)], kNamespaces - kEntries - FOLD_ENTRIES / 2);
  EXPECT_EQ(Lost(), 0U);
}

TEST_F(FoldLogic, GivesTheRoomOfDeletedEntriesAway) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels, kEntries));
  if (IsSkipped()) return;
  const WithoutNetAdmin nobody;
  for (std::uint32_t i = 0; i < kQuarter; ++i) Record(100 + i, 3);
  ExpiringMap map{logic_->MapFd("ethtool_commands"), true, true, kEntries,
                  [](const std::uint8_t*, const std::uint8_t*) { return true; }};
  std::set<NetnsId> in_use;
  const ExpiryRules rules{static_cast<std::uint64_t>(BootNanoseconds()),
                          [](const device_ref& device) { return device.netns < 110; },
                          [](const device_ref&) { return false; }};
  const auto sweep = ExpireEntries({&map, 1}, rules, in_use);
  // Ten are of deleted namespaces. Of the others, the oldest go until an eighth is left.
  ASSERT_EQ(sweep.deleted[0].entries, kQuarter - kEntries / 8);
  ASSERT_EQ(sweep.deleted[0].unprivileged, kQuarter - kEntries / 8);
  object_deletions deletions{};
  deletions.collectors[COLLECTOR_ETHTOOL][COUNT_MAP_EVENTS] = sweep.deleted[0];
  const std::uint32_t zero = 0;
  ASSERT_EQ(bpf_map_update_elem(logic_->MapFd(DELETIONS_SECTION), &zero, &deletions, BPF_ANY), 0);
  for (std::uint32_t i = 0; i < kQuarter; ++i) Record(5000 + i, 3);
  // Ten own keys and ten folded ones had stayed.
  const Counts expected{
      {{true, 0}, kOwnKeys - 10}, {{true, 1}, kQuarter - kOwnKeys + 10}, {{true, 2}, 1}};
  EXPECT_EQ(CountsByFold(true), expected);
}
}  // namespace
}  // namespace netchange::test
