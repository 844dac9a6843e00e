// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <set>
#include <thread>

#include "bpf/abi/config_write.h"
#include "collectors/config_write.h"
#include "collectors/value_text.h"
#include "kernel/clock.h"
#include "kernel/series_expiry.h"
#include "logic_test.h"
#include "programs/config_logic.h"

// The skeleton uses types of the headers above.
#include "config_logic.skel.h"

namespace netchange::test {
namespace {

class ConfigLogic : public LogicTest<config_logic_bpf__elf_bytes> {
 protected:
  static setting_value Integer(std::int64_t number) {
    setting_value value{};
    std::memcpy(value.bytes, &number, sizeof(number));
    value.size = sizeof(number);
    value.type = VALUE_INTEGER;
    return value;
  }
  static setting_value Written(const std::string& text, std::uint32_t hash = 0) {
    setting_value value{};
    text.copy(reinterpret_cast<char*>(value.bytes), sizeof(value.bytes));
    value.size = static_cast<std::uint32_t>(text.size());
    value.hash = hash;
    value.type = VALUE_TEXT;
    return value;
  }
  enum Part { kWhole, kEmpty };
  // `position`: in the file.
  void Record(const setting_value& old_value, const setting_value& new_value, int result = 0,
              const setting_value& written = setting_value{}, Part part = kWhole,
              std::uint16_t position = 0) {
    config_record record{old_value, new_value, written, result, 's', position || part == kEmpty,
                         position};
    ASSERT_EQ(logic_->Run("record", record), 0);
  }
  // Writes a text in parts, each of which is a list of numbers. The hash tells texts apart.
  void RecordParts(const std::vector<std::string>& parts) {
    int position = 0;
    for (const std::string& part : parts) {
      const auto size = static_cast<int>(part.size());
      const auto hash = static_cast<std::uint32_t>(std::hash<std::string>{}(part));
      Record(setting_value{}, setting_value{}, size, Written(part, hash), kWhole, position);
      position += size;
    }
  }
  void Record(std::int64_t old_value, std::int64_t new_value, int result = 0) {
    Record(Integer(old_value), Integer(new_value), result);
  }
  ExpiringMap Expiring(const char* map, bool counts) {
    return {logic_->MapFd(map), true, counts, COUNT_MAP_ENTRIES,
            [](const std::uint8_t*, const std::uint8_t*) { return false; }};
  }
  auto Writes() { return logic_->Read<config_write_key, config_write_counters>("sysctl_writes"); }
  auto Values() { return logic_->Read<config_value_key, config_value>("sysctl_values"); }
  // Changes at the time `after_ns` from now.
  std::uint64_t ChangesIn(std::uint64_t after_ns) {
    std::uint64_t changes = 0;
    for (auto& [key, value] : Writes()) {
      SettlePending(value, static_cast<std::uint64_t>(BootNanoseconds()) + after_ns);
      changes += value.changes.count;
    }
    return changes;
  }
};

TEST_F(ConfigLogic, DistinguishesWritesAndChanges) {
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

TEST_F(ConfigLogic, KeepsTheValueOfTheLastSuccessfulWrite) {
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

// The kernel's value cannot be read, so the first write may have changed it.
TEST_F(ConfigLogic, ComparesWithTheLastTextIfTheKernelsValueIsUnknown) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  const std::string long_text(200, 'x');
  const struct {
    setting_value written;
    int result;
    std::uint64_t changes;
  } kWrites[] = {{Written("fq", 1), 0, 1},        {Written("fq", 1), 0, 1},
                 {Written("pie", 2), -EINVAL, 1}, {Written("fq", 1), 0, 1},
                 {Written(long_text, 3), 0, 2},   {Written(long_text, 4), 0, 3},
                 {Written(long_text, 4), 0, 3}};
  for (const auto& write : kWrites) {
    Record(setting_value{}, setting_value{}, write.result, write.written);
    std::uint64_t changes = 0;
    for (const auto& [key, value] : Writes()) changes += value.changes.count;
    EXPECT_EQ(changes, write.changes);
  }
}

// Neither the kernel's value nor the written text can be read: several pieces of memory, or swapped
// out.
TEST_F(ConfigLogic, NeverReportsAnUnreadValueAsUnchanged) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  Record(setting_value{}, setting_value{});
  Record(setting_value{}, setting_value{});
  Record(setting_value{}, setting_value{}, 0, Written("", 1));
  ASSERT_EQ(Writes().size(), 1U);
  EXPECT_EQ(Writes()[0].second.changes.count, 3U);
}

TEST_F(ConfigLogic, NeverReportsAPartlyReadValueAsUnchanged) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  setting_value huge = Written(std::string(5000, 'x'), 7);
  huge.unread = 1;
  Record(setting_value{}, setting_value{}, 0, huge);
  Record(setting_value{}, setting_value{}, 0, huge);
  Record(huge, huge);
  ASSERT_EQ(Writes().size(), 1U);
  EXPECT_EQ(Writes()[0].second.changes.count, 3U);
}

TEST_F(ConfigLogic, KeepsTheBeginningOfTheWrittenText) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  for (const std::string text : {"0x1F", "", "123456789012345678901234567890"}) {
    Record(setting_value{}, setting_value{}, 0, Written(text));
    ASSERT_EQ(Values().size(), 1U);
    const config_value value = Values()[0].second;
    EXPECT_EQ(value.size, text.size());
    EXPECT_EQ(value.type, VALUE_TEXT);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(value.bytes),
                          std::min(text.size(), sizeof(value.bytes))),
              text.substr(0, sizeof(value.bytes)));
  }
}

// A write that continues nothing that was seen, and an empty write.
TEST_F(ConfigLogic, KeepsTheValueIfOnlyAPartIsWritten) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  Record(setting_value{}, setting_value{}, 2, Written("12", 1));
  Record(setting_value{}, setting_value{}, 2, Written("12", 1), kWhole, 7);
  Record(setting_value{}, setting_value{}, 0, Written("", 2), kEmpty);
  ASSERT_EQ(Writes().size(), 1U);
  EXPECT_EQ(Writes()[0].second.writes.count, 3U);
  EXPECT_EQ(Writes()[0].second.changes.count, 2U) << "the first, and the rest: it may be one";
  ASSERT_EQ(Values().size(), 1U);
  EXPECT_EQ(WrittenNumber(Values()[0].second), 12);
}

TEST_F(ConfigLogic, TakesTheRestOfATextAsOneWrite) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  const struct {
    std::vector<std::string> parts;
    std::uint64_t changes;  // a second later
  } kTexts[] = {
      {{"1,2,", "3"}, 1},     {{"1,2,", "3"}, 1}, {{"1,2,", "3", ""}, 1},
      {{"1,2,", "4"}, 2},     {{"1,2,"}, 3},      {{"1,2,"}, 3},
      {{"1,2,", "4"}, 4},     {{"5,", "4"}, 5},   {{"5,", "4", ",6"}, 6},
      {{"5,", "4", ",6"}, 6}, {{"5,", "4"}, 7},   {{"5,", "4", ",7"}, 8},
  };
  std::uint64_t texts = 0;
  for (const auto& text : kTexts) {
    RecordParts(text.parts);
    ++texts;
    ASSERT_EQ(Writes().size(), 1U);
    EXPECT_EQ(Writes()[0].second.writes.count, texts);
    EXPECT_EQ(ChangesIn(2 * PENDING_CHANGE_NS), text.changes) << "text " << texts;
  }
  ASSERT_EQ(Values().size(), 1U);
  EXPECT_EQ(Values()[0].second.size, 2U) << "the first part";
}

// A part in several pieces of memory is not read, so what comes after it may be a change.
TEST_F(ConfigLogic, NeverTakesATextWithAnUnreadPartForTheSame) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  RecordParts({"1,2,"});
  Record(setting_value{}, setting_value{}, 1, setting_value{}, kWhole, 4);
  RecordParts({"1,2,"});
  ASSERT_EQ(Writes().size(), 1U);
  EXPECT_EQ(Writes()[0].second.writes.count, 2U);
  EXPECT_EQ(Writes()[0].second.changes.count, 2U);
}

// A refused part is an attempt of its own.
TEST_F(ConfigLogic, CountsARefusedPartAsAnError) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  RecordParts({"1,2,"});
  Record(setting_value{}, setting_value{}, -EINVAL, Written("x", 9), kWhole, 4);
  const auto writes = Writes();
  ASSERT_EQ(writes.size(), 2U);
  for (const auto& [key, value] : writes) {
    EXPECT_EQ(value.writes.count, 1U);
    EXPECT_EQ(value.changes.count, key.error ? 0U : 1U);
  }
}

// The first part alone is a change, but only after a time: the next part may take it back.
TEST_F(ConfigLogic, WaitsForTheRestOfAText) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  RecordParts({"1,2,", "3"});
  RecordParts({"1,2,"});
  EXPECT_EQ(ChangesIn(0), 1U);
  EXPECT_EQ(ChangesIn(2 * PENDING_CHANGE_NS), 2U);
  Record(setting_value{}, setting_value{}, 1, Written("3", std::hash<std::string>{}("3")), kWhole,
         4);
  EXPECT_EQ(ChangesIn(2 * PENDING_CHANGE_NS), 1U);
  RecordParts({"1,2,"});
  std::this_thread::sleep_for(std::chrono::nanoseconds(PENDING_CHANGE_NS));
  EXPECT_EQ(ChangesIn(0), 1U);
  EXPECT_EQ(ChangesIn(PENDING_CHANGE_NS), 2U);
  Record(setting_value{}, setting_value{}, 1, Written("3", std::hash<std::string>{}("3")), kWhole,
         4);
  EXPECT_EQ(ChangesIn(0), 2U) << "too late: a scrape may have shown it";
}

constexpr auto kNone = [](const device_ref&) { return false; };

// --- entries that expire ------------------------------------------------------------------------

TEST_F(ConfigLogic, ExpiresOldEntriesOfDeletedDevices) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  Record(0, 1);
  const auto now = static_cast<std::uint64_t>(BootNanoseconds());
  const ExpiringMap maps[] = {Expiring("sysctl_writes", true), Expiring("sysctl_values", false)};
  const auto expire = [&](std::uint64_t before, bool gone) {
    std::set<NetnsId> in_use;
    const ExpirySweep sweep =
        ExpireEntries(maps, {before, [=](const device_ref&) { return gone; }, kNone}, in_use);
    EXPECT_EQ(sweep.lost, 0U);
    EXPECT_EQ(in_use.size(), sweep.removed() ? 0U : 1U);
    return sweep.removed();
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

// An event arrives after its entry was read, and before it is deleted.
TEST_F(ConfigLogic, CountsEventsDuringExpiryAsLost) {
  ASSERT_NO_FATAL_FAILURE(Load(kAllLabels));
  if (IsSkipped()) return;
  Record(0, 1);
  const ExpiringMap map = Expiring("sysctl_writes", true);
  std::set<NetnsId> in_use;
  const auto two_events = [&](const device_ref&) {
    Record(1, 1);
    Record(1, 1);
    return true;
  };
  const auto now = static_cast<std::uint64_t>(BootNanoseconds());
  ExpirySweep sweep = ExpireEntries({&map, 1}, {now, two_events, kNone}, in_use);
  EXPECT_EQ(sweep.removed(), 1U);
  EXPECT_EQ(sweep.lost, 2U);
  EXPECT_EQ(Writes().size(), 0U);
  Record(0, 1);
  sweep = ExpireEntries({&map, 1}, {now, kNone, two_events}, in_use);
  EXPECT_EQ(sweep.removed(), 1U);
  EXPECT_EQ(sweep.lost, 0U) << "the configuration excludes them";
}
}  // namespace
}  // namespace netchange::test
