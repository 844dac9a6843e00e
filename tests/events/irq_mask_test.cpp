// SPDX-License-Identifier: Apache-2.0
// Masks of CPUs in every spelling that the kernel takes, of one interrupt and of those to come. On
// any machine with two CPUs.
#include <cerrno>
#include <filesystem>

#include "config_writes.h"

namespace netchange::test {
namespace {

namespace fs = std::filesystem;

const std::string kIrqs = "/proc/irq/";
const std::string kDefault = kIrqs + "default_smp_affinity";

// True if the interrupt's action is named after a device that a test knows.
bool IsOfADevice(const fs::path& irq) {
  for (const auto& entry : fs::directory_iterator(irq)) {
    const std::string action = entry.path().filename();
    if (action.starts_with("eth") || action.starts_with("virtio")) return true;
  }
  return false;
}

// An interrupt that takes masks and belongs to no network device here; empty if there is none.
std::string FindIrq() {
  for (const auto& entry : fs::directory_iterator(kIrqs)) {
    if (!entry.is_directory() || IsOfADevice(entry)) continue;
    const std::string file = entry.path() / "smp_affinity", mask = ReadFile(file);
    if (!mask.empty() && WriteFile(file, mask) == 0) return entry.path().filename();
  }
  return "";
}

class IrqMask : public ConfigWriteTest {
 protected:
  void SetUp() override {
    SKIP_WITHOUT(ReadFile("/sys/devices/system/cpu/online") != "0", "one CPU");
    irq_ = FindIrq();
    SKIP_WITHOUT(!irq_.empty(), "no interrupt that takes masks");
    before_ = ReadFile(kIrqs + irq_ + "/smp_affinity");
    ASSERT_EQ(Write("smp_affinity", "1"), 0);
    ConfigWriteTest::SetUp();
  }
  void TearDown() override {
    ConfigWriteTest::TearDown();
    if (!before_.empty()) Write("smp_affinity", before_);
  }
  int Write(const std::string& file, const std::string& text) {
    return WriteAsWriter(kIrqs + irq_ + "/" + file, text);
  }
  // Every text is another spelling of the same CPUs. The first changes the mask.
  void ExpectOneChange(const std::string& mask, const std::vector<std::string>& masks,
                       const std::vector<std::string>& lists) {
    for (const std::string& text : masks) EXPECT_EQ(Write("smp_affinity", text), 0) << text;
    for (const std::string& text : lists) EXPECT_EQ(Write("smp_affinity_list", text), 0) << text;
    EXPECT_EQ(ReadFile(kIrqs + irq_ + "/smp_affinity").find_last_of(mask), mask.size() - 1);
    ExpectWrites({.setting = "smp_affinity", .irq = irq_},
                 static_cast<double>(masks.size() + lists.size()), 1);
  }

  std::string irq_, before_;
};

TEST_F(IrqMask, OfTwoCpusIsTheSameInEverySpelling) {
  ExpectOneChange("3", {"3", "00000003", "3\n", " 3", ",3,", "0003"},
                  {"0-1", "0,1", "0-1\n", "1,0", "00-01", "0 1"});
}

TEST_F(IrqMask, OfOneCpuIsTheSameInEverySpelling) {
  ExpectOneChange("2", {"2", "02", "2\nffffffff", ",2,"}, {"1", "1-1", "1,1", ",1,"});
}

TEST_F(IrqMask, CountsEveryOtherMask) {
  for (const char* mask : {"2", "3", "1", "1"}) EXPECT_EQ(Write("smp_affinity", mask), 0) << mask;
  for (const char* list : {"0", "1", "0-1", "0"})
    EXPECT_EQ(Write("smp_affinity_list", list), 0) << list;
  EXPECT_EQ(Write("smp_affinity", "0"), EINVAL);
  EXPECT_EQ(Write("smp_affinity_list", "1-0"), EINVAL);
  const Setting setting{.setting = "smp_affinity", .irq = irq_};
  ExpectWrites(setting, 8, 6);
  ExpectRefused(setting, EINVAL, 2);
}

// For interrupts that come later. It has no `irq`. The exporter knows the mask since its start.
TEST_F(IrqMask, CountsTheDefaultMask) {
  const std::string before = ReadFile(kDefault);
  for (const std::string& text : {before, std::string("1\n"), before})
    EXPECT_EQ(WriteAsWriter(kDefault, text), 0) << text;
  ExpectWrites({"default_smp_affinity"}, 3, 2);
}

TEST_F(IrqMask, ComparesTheDefaultMaskInEverySpelling) {
  const std::string before = ReadFile(kDefault);
  ASSERT_EQ(WriteAsWriter(kDefault, "1"), 0);
  for (const char* text : {"00000001", "01\n", "2", "02", "0"})
    EXPECT_EQ(WriteAsWriter(kDefault, text), text[0] == '0' && !text[1] ? EINVAL : 0) << text;
  ASSERT_EQ(WriteAsWriter(kDefault, before), 0);
  ExpectWrites({"default_smp_affinity"}, 6, 3);
  ExpectRefused({"default_smp_affinity"}, EINVAL);
}

}  // namespace
}  // namespace netchange::test
