// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "collectors/irq_masks.h"
#include "collectors/value_text.h"
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

class IrqText : public IrqLogic {
 protected:
  setting_value Read(const std::string& text, bool is_list) {
    text_record record{};
    record.text = reinterpret_cast<std::uintptr_t>(text.data());
    record.size = static_cast<std::uint32_t>(text.size());
    record.is_list = is_list;
    EXPECT_EQ(logic_->Run("read_mask_text", record), 0);
    return record.mask;
  }
  // As the kernel shows it; empty if the text is not read as a mask.
  std::string Mask(const std::string& text) { return TextOf(Read(text, false)); }
  std::string List(const std::string& text) { return TextOf(Read(text, true)); }

 private:
  static std::string TextOf(const setting_value& value) {
    return value.type == VALUE_MASK ? ValueText(value) : "";
  }
};

TEST_F(IrqText, IsReadAsAMask) {
  ASSERT_NO_FATAL_FAILURE(LoadFor(96));
  if (IsSkipped()) return;
  for (const char* text : {"ab", "AB", "000000ab", "0,ab", "ab\n", " ab ", "ab,", "0,0,000000aB"})
    EXPECT_EQ(Mask(text), "ab") << text;
  EXPECT_EQ(Mask("1,00000003"), "1,00000003");
  EXPECT_EQ(Mask("1,3"), "1,00000003");
  EXPECT_EQ(Mask("f0000000,,2,00000001\n77"), "f0000000,00000002,00000001");
}

TEST_F(IrqText, IsReadAsAList) {
  ASSERT_NO_FATAL_FAILURE(LoadFor(96));
  if (IsSkipped()) return;
  for (const char* text :
       {"0-1,4", "4,0-1", "0,1,4", "0-0,1-1,4-4\n9", "00,01,004", " 0 1\t4 ", "0-1,,4,0-1"})
    EXPECT_EQ(List(text), "13") << text;
  EXPECT_EQ(List("64-66,95"), "80000007,00000000,00000000");
  EXPECT_EQ(List("94-N"), "c0000000,00000000,00000000");
  EXPECT_EQ(List("all"), "ffffffff,ffffffff,ffffffff");
  EXPECT_EQ(List("0-7:1/2"), "55");
  EXPECT_EQ(List("0-8:2/4"), "133");
}

// What does not fit is compared as text.
TEST_F(IrqText, IsNoMaskBeyondWhatIsStored) {
  ASSERT_NO_FATAL_FAILURE(LoadFor(1024));
  if (IsSkipped()) return;
  std::string highest = "80000000";
  for (int group = 0; group < 15; ++group) highest += ",00000000";
  EXPECT_EQ(List("511"), highest + "…");
  EXPECT_EQ(Mask(highest), highest + "…");
  EXPECT_EQ(List("512"), "");
  EXPECT_EQ(Mask("1," + highest), "");
  EXPECT_EQ(Mask(std::string(2049, '0')), "");
}

TEST_F(IrqText, HasTheValueThatTheExporterStoresAtItsStart) {
  for (const std::uint32_t cpus : {2U, 64U, 70U, 512U}) {
    ASSERT_NO_FATAL_FAILURE(LoadFor(cpus));
    if (IsSkipped()) return;
    for (const char* text : {"3", "00000000,00000002"}) {
      const setting_value written = Read(text, false);
      const auto known = CpuMaskValue(text, cpus);
      ASSERT_TRUE(known);
      EXPECT_EQ(known->size, written.size);
      EXPECT_EQ(known->hash, written.hash);
      EXPECT_EQ(known->type, written.type);
      EXPECT_EQ(std::memcmp(known->bytes, written.bytes, sizeof(known->bytes)), 0);
    }
  }
}

}  // namespace
}  // namespace netchange::test
