// SPDX-License-Identifier: Apache-2.0
#include "collectors/irq_masks.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "bpf/abi/setting_value.h"
#include "support.h"

namespace netchange {
namespace {

TEST(CpuMaskValue, HasTheMasksLowestBitsFirst) {
  const auto value = CpuMaskValue("1,00000000,80000003", 96);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->type, VALUE_MASK);
  EXPECT_EQ(value->size, 16U);
  EXPECT_EQ(value->bytes[0], 3);
  EXPECT_EQ(value->bytes[3], 0x80);
  EXPECT_EQ(value->bytes[8], 1);
}

TEST(CpuMaskValue, IsUnknownForWhatIsNoMask) {
  for (const char* text : {"", "x", "1,", ",1", "1,x", "123456789"})
    EXPECT_FALSE(CpuMaskValue(text, 2)) << text;
  EXPECT_FALSE(CpuMaskValue("1", 0));
  std::string zeros;
  for (int group = 0; group < 16; ++group) zeros += ",00000000";
  EXPECT_TRUE(CpuMaskValue("0" + zeros, 600));
  EXPECT_FALSE(CpuMaskValue("1" + zeros, 600)) << "the CPU 512 is not stored";
}

TEST(IrqMasks, AreThoseOfAllInterruptsAndTheDefault) {
  const TemporaryDirectory directory;
  std::filesystem::create_directories(directory.path() + "/24");
  std::filesystem::create_directories(directory.path() + "/25");
  (void)directory.File("default_smp_affinity", "3\n");
  (void)directory.File("24/smp_affinity", "1\n");
  const MapEntries entries = IrqMasks(directory.path());
  ASSERT_EQ(entries.size(), 2U);
  config_value_key keys[2];
  for (int i = 0; i < 2; ++i) std::memcpy(&keys[i], entries[i].first.data(), sizeof(keys[i]));
  EXPECT_STREQ(keys[0].setting, "default_smp_affinity");
  EXPECT_STREQ(keys[0].object, "");
  EXPECT_STREQ(keys[1].setting, "smp_affinity");
  EXPECT_STREQ(keys[1].object, "24");
  EXPECT_EQ(keys[1].kind, CONFIG_KIND_IRQ_AFFINITY);
}

TEST(IrqMasks, AreNoneWhereThereIsNoSuchDirectory) {
  EXPECT_TRUE(IrqMasks("/nonexistent").empty());
}

}  // namespace
}  // namespace netchange
