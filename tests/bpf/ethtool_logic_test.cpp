// SPDX-License-Identifier: Apache-2.0
#include <sys/prctl.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <thread>

#include "bpf/abi/counter.h"
#include "bpf/abi/duration.h"
#include "bpf/abi/ethtool.h"
#include "kernel/clock.h"
#include "kernel/series_expiry.h"
#include "logic_test.h"
#include "programs/ethtool_logic.h"

// The skeleton uses types of the headers above.
#include "ethtool_logic.skel.h"

namespace netchange::test {
namespace {

class EthtoolLogic : public LogicTest<ethtool_logic_bpf__elf_bytes> {
 protected:
  using Entries = std::vector<std::pair<ethtool_key, ethtool_counters>>;
  void Record(std::uint32_t command, int result = 0) {
    ethtool_record record{4026531840, command, result, ETHTOOL_TRANSPORT_IOCTL, 'd', {}};
    ASSERT_EQ(logic_->Run("record", record), 0);
  }
  Entries Commands() { return logic_->Read<ethtool_key, ethtool_counters>("ethtool_commands"); }
};

std::string CommOf(const std::string& proc) {
  std::string comm;
  std::getline(std::ifstream(proc + "/comm"), comm);
  return comm;
}

TEST_F(EthtoolLogic, FillsEveryByteOfTheKey) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  Record(3, -EOPNOTSUPP);
  ethtool_key expected{};
  expected.device.netns = 4026531840;
  expected.device.name[0] = 'd';
  expected.command = 3;
  expected.error = EOPNOTSUPP;
  expected.transport = ETHTOOL_TRANSPORT_IOCTL;
  CommOf("/proc/self").copy(expected.actor.comm, COMM_SIZE - 1);
  CommOf("/proc/" + std::to_string(getppid())).copy(expected.actor.parent_comm, COMM_SIZE - 1);
  const Entries commands = Commands();
  ASSERT_EQ(commands.size(), 1U);
  EXPECT_EQ(std::memcmp(&commands[0].first, &expected, sizeof(expected)), 0);
  EXPECT_EQ(commands[0].second.commands.count, 1U);
  EXPECT_GT(commands[0].second.commands.last_ns, 0U);
}

TEST_F(EthtoolLogic, NamesTheProcessOfARenamedThread) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  std::thread([this] {
    prctl(PR_SET_NAME, "some-thread");
    Record(1);
  }).join();
  const Entries commands = Commands();
  ASSERT_EQ(commands.size(), 1U);
  EXPECT_EQ(commands[0].first.actor.comm, CommOf("/proc/self"));
}

TEST_F(EthtoolLogic, LeavesOutWhoWhenTheLabelsAreOff) {
  ASSERT_NO_FATAL_FAILURE(Load({}));
  if (IsSkipped()) return;
  Record(1);
  const Entries commands = Commands();
  ASSERT_EQ(commands.size(), 1U);
  const actor nobody{};
  EXPECT_EQ(std::memcmp(&commands[0].first.actor, &nobody, sizeof(nobody)), 0);
}

TEST_F(EthtoolLogic, FoldsTheNamesOfKernelWorkers) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  const std::string own = CommOf("/proc/self");
  prctl(PR_SET_NAME, "kworker/0:1-xyz");
  Record(1);
  prctl(PR_SET_NAME, own.c_str());
  const Entries commands = Commands();
  ASSERT_EQ(commands.size(), 1U);
  constexpr char kExpected[COMM_SIZE] = "kworker";
  EXPECT_EQ(std::memcmp(commands[0].first.actor.comm, kExpected, COMM_SIZE), 0);
}

TEST_F(EthtoolLogic, CountsAsLostWhatFindsNoRoom) {
  constexpr std::uint32_t kEntries = 16, kCommands = 1100;
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels, kEntries));
  if (IsSkipped()) return;
  for (std::uint32_t round = 0; round < 3; ++round) {
    for (std::uint32_t command = 0; command < kCommands; ++command) Record(command);
  }
  std::uint64_t counted = 0;
  for (const auto& [key, value] : Commands()) {
    EXPECT_EQ(value.commands.count, 3U) << key.command;
    counted += value.commands.count;
  }
  EXPECT_EQ(Commands().size(), kEntries + FOLD_ENTRIES);
  EXPECT_EQ(logic_->Statistics(COLLECTOR_ETHTOOL).lost_updates, 3 * kCommands - counted);
}

TEST_F(EthtoolLogic, CountsAsLostACallWhoseExitWasMissed) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  ASSERT_EQ(logic_->Run("begin_only"), 0);
  EXPECT_EQ(logic_->Statistics(COLLECTOR_ETHTOOL).lost_updates, 0U);
  Record(1);
  EXPECT_EQ(logic_->Statistics(COLLECTOR_ETHTOOL).lost_updates, 1U);
  EXPECT_EQ(Commands().size(), 1U);
}

TEST_F(EthtoolLogic, LosesNothingWhenManyThreadsMeetANewKey) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  constexpr int kThreads = 8, kEach = 2000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < kEach; ++i) Record(static_cast<std::uint32_t>(i % 50));
    });
  }
  for (auto& thread : threads) thread.join();
  const Entries commands = Commands();
  EXPECT_EQ(commands.size(), 50U);
  for (const auto& [key, value] : commands) EXPECT_EQ(value.commands.count, kThreads * kEach / 50);
  EXPECT_EQ(logic_->Statistics(COLLECTOR_ETHTOOL).lost_updates, 0U);
}

// --- the device that a netlink request names -----------------------------------------------------

std::string Attribute(std::uint16_t type, const std::string& payload, int length = -1) {
  const auto size = static_cast<std::uint16_t>(length < 0 ? payload.size() + 4 : length);
  std::string bytes(reinterpret_cast<const char*>(&size), 2);
  bytes.append(reinterpret_cast<const char*>(&type), 2);
  bytes += payload;
  bytes.resize((bytes.size() + 3) & ~std::size_t{3});
  return bytes;
}

struct NameCase {
  const char* what;
  std::string attributes;
  std::string name;
};

const NameCase kNameCases[] = {
    {"the name in the header", Attribute(1, Attribute(2, std::string("eth0\0", 5))), "eth0"},
    {"a nested flag on the header", Attribute(1 | 0x8000, Attribute(2, std::string("eth0\0", 5))),
     "eth0"},
    {"a name without its NUL", Attribute(1, Attribute(2, "eth0")), "eth0"},
    {"flags before the name", Attribute(1, Attribute(3, "abcd") + Attribute(2, "eth1")), "eth1"},
    {"other attributes before the header", Attribute(7, "xyz") + Attribute(1, Attribute(2, "eth2")),
     "eth2"},
    {"a name too long is cut at the kernel's limit",
     Attribute(1, Attribute(2, "a-name-longer-than-any-device")), "a-name-longer-t"},
    {"an empty header is not the next attribute", Attribute(1, "") + Attribute(2, "evil"), ""},
    {"only an index", Attribute(1, Attribute(1, std::string("\1\0\0\0", 4))), ""},
    {"nothing", "", ""},
    {"a length of zero", Attribute(1, "abcd", 0), ""},
    {"a length below its own header", Attribute(1, "abcd", 3), ""},
    {"a length behind the end", Attribute(1, "abcd", 200), ""},
    {"a name behind the header's end", Attribute(1, Attribute(2, "eth0", 60)), ""},
    {"an empty name", Attribute(1, Attribute(2, "")), ""},
};

TEST_F(EthtoolLogic, FindsTheDeviceThatARequestNames) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  const int data = bpf_object__find_map_fd_by_name(logic_->object(), ".bss");
  struct Globals {
    netlink_request request;
    device_ref found;
  };
  for (const NameCase& c : kNameCases) {
    Globals globals{};
    const std::uint32_t zero = 0;
    globals.request.size = static_cast<std::uint32_t>(c.attributes.size());
    ASSERT_LE(c.attributes.size(), sizeof(globals.request.attributes));
    c.attributes.copy(reinterpret_cast<char*>(globals.request.attributes), c.attributes.size());
    ASSERT_EQ(bpf_map_update_elem(data, &zero, &globals, BPF_ANY), 0);
    ASSERT_EQ(logic_->Run("parse"), 0);
    ASSERT_EQ(bpf_map_lookup_elem(data, &zero, &globals), 0);
    EXPECT_EQ(std::string(globals.found.name, strnlen(globals.found.name, IFNAME_SIZE)), c.name)
        << c.what;
  }
}

TEST_F(EthtoolLogic, LosesDurationsWithTheLastOfTheirCommands) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  Record(1);
  const auto by_others = [](const std::uint8_t*, const std::uint8_t*) { return false; };
  const ExpiringMap maps[] = {
      {logic_->MapFd("ethtool_durations"), false, false, COUNT_MAP_ENTRIES, by_others},
      {logic_->MapFd("ethtool_commands"), true, true, COUNT_MAP_ENTRIES, by_others}};
  const auto durations = [&] {
    return logic_->Read<ethtool_duration_key, duration_histogram>("ethtool_durations").size();
  };
  std::set<NetnsId> in_use;
  const auto gone = [](const device_ref&) { return true; };
  const auto none = [](const device_ref&) { return false; };
  EXPECT_EQ(ExpireEntries(maps, {1, gone, none}, in_use).removed(), 0U);
  EXPECT_EQ(durations(), 1U);
  EXPECT_EQ(ExpireEntries(maps, {static_cast<std::uint64_t>(BootNanoseconds()), gone, none}, in_use)
                .removed(),
            2U);
  EXPECT_EQ(durations(), 0U);
  EXPECT_EQ(Commands().size(), 0U);
}
}  // namespace
}  // namespace netchange::test
