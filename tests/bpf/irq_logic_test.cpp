// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "logic_test.h"
#include "programs/irq_logic.h"

// The skeleton uses types of the headers above.
#include "irq_logic.skel.h"

namespace netchange::test {
namespace {

class IrqLogic : public LogicTest<irq_logic_bpf__elf_bytes> {
 protected:
  void LoadFor(std::uint32_t cpus) {
    object_settings settings = kAllLabels;
    settings.cpu_ids = cpus;
    Load(settings);
  }
  setting_value MaskOf(const std::vector<std::uint64_t>& words) {
    mask_record record{};
    std::copy(words.begin(), words.end(), record.words);
    EXPECT_EQ(logic_->Run("read_words", record), 0);
    return record.mask;
  }
  bool Same(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
    const setting_value left = MaskOf(a), right = MaskOf(b);
    EXPECT_EQ(left.type, VALUE_MASK);
    return std::memcmp(&left, &right, sizeof(left)) == 0;
  }
  static constexpr std::uint64_t kAll = ~std::uint64_t{0};
};

// A mask of all CPUs has undefined bits above the last CPU.
TEST_F(IrqLogic, ReadsNoBitsAboveTheLastCpu) {
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

// The hash distinguishes masks beyond the stored bytes.
TEST_F(IrqLogic, DistinguishesMasksOfManyCpus) {
  ASSERT_NO_FATAL_FAILURE(LoadFor(520));
  if (IsSkipped()) return;
  EXPECT_TRUE(Same({1, 0, 0, 0, 0, 0, 0, 0, kAll}, {1, 0, 0, 0, 0, 0, 0, 0, 0xff}));
  EXPECT_FALSE(Same({1, 0, 0, 0, 0, 0, 0, 0, 1}, {1, 0, 0, 0, 0, 0, 0, 0, 2}));
  EXPECT_EQ(MaskOf({1}).size, 72U);
}
}  // namespace
}  // namespace netchange::test
