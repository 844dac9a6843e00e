// SPDX-License-Identifier: Apache-2.0
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <thread>

#include "bpf/config_write.h"
#include "bpf/counter.h"
#include "bpf/duration.h"
#include "bpf/ethtool.h"
#include "collectors/datum_text.h"
#include "kernel/clock.h"
#include "kernel/series_expiry.h"
#include "logic.h"
#include "programs/config_logic.h"
#include "programs/ethtool_logic.h"
#include "programs/irq_logic.h"
#include "programs/queues_logic.h"

// The skeletons name types of the headers above.
#include "config_logic.skel.h"
#include "ethtool_logic.skel.h"
#include "irq_logic.skel.h"
#include "queues_logic.skel.h"

namespace netchange::test {
namespace {

template <const void* (*bytes)(std::size_t*)>
class LogicTest : public testing::Test {
 protected:
  // A machine that may not load them says so; one that must (CI) fails.
  void Load(const collector_settings& settings, std::uint32_t max_entries = 1024) {
    std::size_t size = 0;
    const void* elf = bytes(&size);
    logic_.emplace(elf, size, settings, max_entries);
    if (logic_->problem().empty()) return;
    if (std::getenv("CI")) FAIL() << logic_->problem();
    GTEST_SKIP() << logic_->problem();
  }
  std::optional<Logic> logic_;
};

constexpr collector_settings kAllLabels{1, 1, 0, 0, 0, {}, 0, 0};

// --- ethtool ----------------------------------------------------------------------------------

class EthtoolLogic : public LogicTest<ethtool_logic_bpf__elf_bytes> {
 protected:
  using Entries = std::vector<std::pair<ethtool_key, counter>>;
  void Record(std::uint32_t command, int result = 0) {
    ethtool_record record{4026531840, command, result, ETHTOOL_TRANSPORT_IOCTL, 'd', {}};
    ASSERT_EQ(logic_->Run("record", record), 0);
  }
  Entries Commands() { return logic_->Read<ethtool_key, counter>("ethtool_commands"); }
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
  EXPECT_EQ(commands[0].second.count, 1U);
  EXPECT_GT(commands[0].second.last_ns, 0U);
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
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels, 4));
  if (IsSkipped()) return;
  for (std::uint32_t round = 0; round < 3; ++round) {
    for (std::uint32_t command = 0; command < 10; ++command) Record(command);
  }
  std::uint64_t counted = 0;
  for (const auto& [key, value] : Commands()) {
    EXPECT_EQ(value.count, 3U) << key.command;
    counted += value.count;
  }
  EXPECT_EQ(Commands().size(), 4U);
  EXPECT_EQ(logic_->Statistics().lost_updates, 30 - counted);
}

TEST_F(EthtoolLogic, CountsAsLostACallWhoseExitWasMissed) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  ASSERT_EQ(logic_->Run("begin_only"), 0);
  EXPECT_EQ(logic_->Statistics().lost_updates, 0U);
  Record(1);
  EXPECT_EQ(logic_->Statistics().lost_updates, 1U);
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
  for (const auto& [key, value] : commands) EXPECT_EQ(value.count, kThreads * kEach / 50);
  EXPECT_EQ(logic_->Statistics().lost_updates, 0U);
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

// --- configuration writes ------------------------------------------------------------------------

class ConfigLogic : public LogicTest<config_logic_bpf__elf_bytes> {
 protected:
  static datum Integer(std::int64_t number) {
    datum value{};
    std::memcpy(value.bytes, &number, sizeof(number));
    value.size = sizeof(number);
    value.type = DATUM_INTEGER;
    return value;
  }
  static datum Written(const std::string& text, std::uint32_t hash = 0) {
    datum value{};
    text.copy(reinterpret_cast<char*>(value.bytes), sizeof(value.bytes));
    value.size = static_cast<std::uint32_t>(text.size());
    value.hash = hash;
    value.type = DATUM_TEXT;
    return value;
  }
  enum Part { kWhole, kRest, kNothing };
  void Record(const datum& old_value, const datum& new_value, int result = 0,
              const datum& written = datum{}, Part part = kWhole) {
    config_record record{old_value, new_value, written, result, 's', part != kWhole, {}};
    ASSERT_EQ(logic_->Run("record", record), 0);
  }
  void Record(std::int64_t old_value, std::int64_t new_value, int result = 0) {
    Record(Integer(old_value), Integer(new_value), result);
  }
  auto Writes() { return logic_->Read<config_write_key, config_write_counters>("sysctl_writes"); }
  auto Values() { return logic_->Read<config_value_key, config_value>("sysctl_values"); }
};

TEST_F(ConfigLogic, TellsWritesFromChanges) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  Record(0, 1);
  Record(1, 1);
  Record(1, -7);
  const auto writes = Writes();
  ASSERT_EQ(writes.size(), 1U);
  EXPECT_EQ(writes[0].second.writes.count, 3U);
  EXPECT_EQ(writes[0].second.changes.count, 2U);
  ASSERT_EQ(Values().size(), 1U);
  EXPECT_EQ(WrittenNumber(Values()[0].second), -7);
}

TEST_F(ConfigLogic, KeepsTheValueOfTheLastWriteThatWasNotRefused) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  Record(0, 5);
  Record(5, 5, -EINVAL);
  const auto writes = Writes();
  ASSERT_EQ(writes.size(), 2U);
  for (const auto& [key, value] : writes) {
    EXPECT_EQ(value.writes.count, 1U);
    EXPECT_EQ(value.changes.count, key.error ? 0U : 1U);
  }
  ASSERT_EQ(Values().size(), 1U);
  EXPECT_EQ(WrittenNumber(Values()[0].second), 5);
}

// What the kernel holds cannot be read: the first write may have changed it.
TEST_F(ConfigLogic, ComparesWithWhatWasLastWrittenWhereTheKernelsValueIsNotKnown) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  const std::string long_text(200, 'x');
  const struct {
    datum written;
    int result;
    std::uint64_t changes;
  } kWrites[] = {{Written("fq", 1), 0, 1},        {Written("fq", 1), 0, 1},
                 {Written("pie", 2), -EINVAL, 1}, {Written("fq", 1), 0, 1},
                 {Written(long_text, 3), 0, 2},   {Written(long_text, 4), 0, 3},
                 {Written(long_text, 4), 0, 3}};
  for (const auto& write : kWrites) {
    Record(datum{}, datum{}, write.result, write.written);
    std::uint64_t changes = 0;
    for (const auto& [key, value] : Writes()) changes += value.changes.count;
    EXPECT_EQ(changes, write.changes);
  }
}

// Neither the kernel's value nor what was written: from memory in several pieces, or swapped out.
TEST_F(ConfigLogic, NeverClaimsThatAValueThatCouldNotBeReadIsTheSame) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  Record(datum{}, datum{});
  Record(datum{}, datum{});
  Record(datum{}, datum{}, 0, Written("", 1));
  ASSERT_EQ(Writes().size(), 1U);
  EXPECT_EQ(Writes()[0].second.changes.count, 3U);
}

TEST_F(ConfigLogic, NeverClaimsThatAValueThatWasNotReadToItsEndIsTheSame) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  datum huge = Written(std::string(5000, 'x'), 7);
  huge.unread = 1;
  Record(datum{}, datum{}, 0, huge);
  Record(datum{}, datum{}, 0, huge);
  Record(huge, huge);
  ASSERT_EQ(Writes().size(), 1U);
  EXPECT_EQ(Writes()[0].second.changes.count, 3U);
}

TEST_F(ConfigLogic, KeepsTheBeginningOfWhatWasWritten) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  for (const std::string text : {"0x1F", "", "123456789012345678901234567890"}) {
    Record(datum{}, datum{}, 0, Written(text));
    ASSERT_EQ(Values().size(), 1U);
    const config_value value = Values()[0].second;
    EXPECT_EQ(value.size, text.size());
    EXPECT_EQ(value.type, DATUM_TEXT);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(value.bytes),
                          std::min(text.size(), sizeof(value.bytes))),
              text.substr(0, sizeof(value.bytes)));
  }
}

// The rest of a value that an earlier write began, or nothing at all.
TEST_F(ConfigLogic, KeepsTheValueWhereOnlyAPartOfOneIsWritten) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  Record(datum{}, datum{}, 0, Written("12", 1));
  Record(datum{}, datum{}, 0, Written("12", 1), kRest);
  Record(datum{}, datum{}, 0, Written("", 2), kNothing);
  ASSERT_EQ(Writes().size(), 1U);
  EXPECT_EQ(Writes()[0].second.writes.count, 3U);
  EXPECT_EQ(Writes()[0].second.changes.count, 2U) << "the first, and the rest: it may be one";
  ASSERT_EQ(Values().size(), 1U);
  EXPECT_EQ(WrittenNumber(Values()[0].second), 12);
}

// --- entries that expire --------------------

TEST_F(ConfigLogic, LosesWhatIsOldAndGone) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  Record(0, 1);
  const auto now = static_cast<std::uint64_t>(BootNanoseconds());
  const ExpiringMap maps[] = {{logic_->MapFd("sysctl_writes"), true, true},
                              {logic_->MapFd("sysctl_values"), true, false}};
  const auto expire = [&](std::uint64_t before, bool gone) {
    std::set<NetnsId> in_use;
    const ExpirySweep sweep = ExpireEntries(
        maps, before, [=](const device_ref&) { return gone; }, in_use);
    EXPECT_EQ(sweep.lost, 0U);
    EXPECT_EQ(in_use.size(), sweep.removed ? 0U : 1U);
    return sweep.removed;
  };
  EXPECT_EQ(expire(1, true), 0U) << "not old";
  EXPECT_EQ(expire(now, false), 0U) << "not gone";
  ASSERT_EQ(Writes().size(), 1U);
  EXPECT_EQ(expire(now, true), 2U);
  EXPECT_EQ(Writes().size(), 0U);
  EXPECT_EQ(Values().size(), 0U);
  Record(1, 2);
  ASSERT_EQ(Writes().size(), 1U);
  EXPECT_EQ(Writes()[0].second.writes.count, 1U) << "it begins anew";
}

// An event comes when its entry was read and is about to be taken away.
TEST_F(ConfigLogic, CountsAsLostWhatComesWhileAnEntryIsTakenAway) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  Record(0, 1);
  const ExpiringMap map{logic_->MapFd("sysctl_writes"), true, true};
  std::set<NetnsId> in_use;
  const auto gone = [&](const device_ref&) {
    Record(1, 1);
    Record(1, 1);
    return true;
  };
  const ExpirySweep sweep = ExpireEntries({&map, 1}, BootNanoseconds(), gone, in_use);
  EXPECT_EQ(sweep.removed, 1U);
  EXPECT_EQ(sweep.lost, 2U);
  EXPECT_EQ(Writes().size(), 0U);
}

TEST_F(EthtoolLogic, LosesDurationsWithTheLastOfTheirCommands) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  Record(1);
  const ExpiringMap maps[] = {{logic_->MapFd("ethtool_durations"), false, false},
                              {logic_->MapFd("ethtool_commands"), true, true}};
  const auto durations = [&] {
    return logic_->Read<ethtool_duration_key, duration_histogram>("ethtool_durations").size();
  };
  std::set<NetnsId> in_use;
  const auto gone = [](const device_ref&) { return true; };
  EXPECT_EQ(ExpireEntries(maps, 1, gone, in_use).removed, 0U);
  EXPECT_EQ(durations(), 1U);
  EXPECT_EQ(ExpireEntries(maps, BootNanoseconds(), gone, in_use).removed, 2U);
  EXPECT_EQ(durations(), 0U);
  EXPECT_EQ(Commands().size(), 0U);
}

// --- interrupts -------------------------------------------------------------------------------

class IrqLogic : public LogicTest<irq_logic_bpf__elf_bytes> {
 protected:
  void LoadFor(std::uint32_t cpus) {
    collector_settings settings = kAllLabels;
    settings.cpu_ids = cpus;
    Load(settings);
  }
  datum MaskOf(const std::vector<std::uint64_t>& words) {
    mask_record record{};
    std::copy(words.begin(), words.end(), record.words);
    EXPECT_EQ(logic_->Run("read_words", record), 0);
    return record.mask;
  }
  bool Same(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
    const datum left = MaskOf(a), right = MaskOf(b);
    EXPECT_EQ(left.type, DATUM_MASK);
    return std::memcmp(&left, &right, sizeof(left)) == 0;
  }
  static constexpr std::uint64_t kAll = ~std::uint64_t{0};
};

// A mask of all processors has bits behind the last one.
TEST_F(IrqLogic, ReadsNoBitsBehindTheLastProcessor) {
  ASSERT_NO_FATAL_FAILURE(LoadFor(2));
  if (IsSkipped()) return;
  EXPECT_TRUE(Same({kAll}, {3}));
  EXPECT_TRUE(Same({kAll, kAll}, {3}));
  EXPECT_FALSE(Same({kAll}, {1}));
  EXPECT_EQ(MaskOf({kAll}).bytes[0], 3);
  EXPECT_EQ(MaskOf({kAll}).bytes[1], 0);
}

TEST_F(IrqLogic, ReadsMasksOfSeveralWords) {
  ASSERT_NO_FATAL_FAILURE(LoadFor(70));
  if (IsSkipped()) return;
  EXPECT_TRUE(Same({1, kAll}, {1, 0x3f}));
  EXPECT_FALSE(Same({1, 0x3f}, {1, 0x1f}));
  EXPECT_FALSE(Same({1, 0x3f}, {kAll, 0x3f}));
  EXPECT_EQ(MaskOf({1, kAll}).size, 16U);
  EXPECT_EQ(MaskOf({1, kAll}).bytes[8], 0x3f);
}

TEST_F(IrqLogic, ReadsMasksOfWholeWords) {
  ASSERT_NO_FATAL_FAILURE(LoadFor(128));
  if (IsSkipped()) return;
  EXPECT_TRUE(Same({1, kAll, 7}, {1, kAll}));
  EXPECT_FALSE(Same({1, kAll}, {1, kAll >> 1}));
}

// Behind the bytes that are kept, a mask is told apart by its hash.
TEST_F(IrqLogic, TellsMasksOfManyProcessorsApart) {
  ASSERT_NO_FATAL_FAILURE(LoadFor(520));
  if (IsSkipped()) return;
  EXPECT_TRUE(Same({1, 0, 0, 0, 0, 0, 0, 0, kAll}, {1, 0, 0, 0, 0, 0, 0, 0, 0xff}));
  EXPECT_FALSE(Same({1, 0, 0, 0, 0, 0, 0, 0, 1}, {1, 0, 0, 0, 0, 0, 0, 0, 2}));
  EXPECT_EQ(MaskOf({1}).size, 72U);
}

// --- queues -----------------------------------------------------------------------------------

class QueuesLogic : public LogicTest<queues_logic_bpf__elf_bytes> {
 protected:
  int IsInList(std::uint32_t queue, const std::vector<std::uint16_t>& queues) {
    list_record record{queue, static_cast<std::uint32_t>(queues.size()), {}};
    std::fill(std::begin(record.queues), std::end(record.queues), queue);  // behind the end
    std::copy(queues.begin(), queues.end(), record.queues);
    return logic_->Run("is_in_list", record);
  }
  datum MaskOf(const std::vector<std::uint32_t>& bits) {
    bits_record record{static_cast<std::uint32_t>(bits.size()), {}, 0, {}};
    std::copy(bits.begin(), bits.end(), record.bits);
    EXPECT_EQ(logic_->Run("add_bits", record), 0);
    return record.mask;
  }
};

TEST_F(QueuesLogic, FindsAQueueWhereverItStandsInAList) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  for (std::uint16_t size = 0; size <= 32; ++size) {
    std::vector<std::uint16_t> queues;
    for (std::uint16_t i = 0; i < size; ++i) queues.push_back(2 * i);
    for (std::uint16_t queue = 0; queue < 66; ++queue)
      EXPECT_EQ(IsInList(queue, queues), queue % 2 == 0 && queue < 2 * size)
          << queue << ' ' << size;
  }
  EXPECT_EQ(IsInList(0x100, {0, 1, 0x101, 0x200}), 0);
  EXPECT_EQ(IsInList(4095, {0, 1, 2, 4094, 4095}), 1);
}

TEST_F(QueuesLogic, DoesNotGuessWhatAListHasThatIsTooLong) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  EXPECT_EQ(IsInList(1, std::vector<std::uint16_t>(33, 1)), 2);
}

TEST_F(QueuesLogic, TellsMasksOfManyProcessorsApart) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  const datum low = MaskOf({0, 9, 511});
  EXPECT_EQ(low.bytes[0], 1);
  EXPECT_EQ(low.bytes[1], 2);
  EXPECT_EQ(low.bytes[63], 128);
  EXPECT_EQ(low.size, 64U);
  // The bytes that are kept are the same, the rest is in size and hash.
  const datum one = MaskOf({0, 512}), other = MaskOf({0, 513}), longer = MaskOf({0, 512, 8191});
  for (const datum* mask : {&one, &other, &longer}) {
    EXPECT_EQ(std::memcmp(mask->bytes, MaskOf({0}).bytes, sizeof(mask->bytes)), 0);
    EXPECT_GT(mask->size, 64U);
  }
  EXPECT_NE(one.hash, other.hash);
  EXPECT_NE(one.hash, longer.hash);
  EXPECT_EQ(one.hash, MaskOf({0, 512}).hash);
  EXPECT_EQ(longer.size, 1024U);
}

}  // namespace
}  // namespace netchange::test
