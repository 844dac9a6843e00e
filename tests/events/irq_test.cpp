// SPDX-License-Identifier: Apache-2.0
// Interrupts of emulated devices, moved between two CPUs. The file's text before and after a write
// shows whether the write changed it.
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "changes.h"
#include "config_writes.h"

namespace netchange::test {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr int kOtherPort = 10418;

std::string IrqFile(const std::string& irq, const std::string& file = "smp_affinity") {
  return "/proc/irq/" + irq + "/" + file;
}

std::vector<std::string> NamesIn(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> IrqsOfEth0() { return NamesIn("/sys/class/net/eth0/device/../msi_irqs"); }
std::vector<std::string> IrqsOfEth1() { return NamesIn("/sys/class/net/eth1/device/msi_irqs"); }

// The interrupt with this action at the end of its line in /proc/interrupts.
std::string IrqOfAction(const std::string& action) {
  std::ifstream lines("/proc/interrupts");
  for (std::string line; std::getline(lines, line);) {
    if (!line.ends_with(" " + action)) continue;
    std::string number;
    std::istringstream(line) >> number;
    return number.substr(0, number.find(':'));
  }
  return "";
}

// An e1000e device has interrupts only while it is up.
void TakeEth1Up() {
  if (!if_nametoindex("eth1")) return;
  ASSERT_EQ(Execute({"ip", "link", "set", "eth1", "up"}).status, 0);
}
void TakeEth1Down() { Execute({"ip", "link", "set", "eth1", "down"}); }

class Irq : public ConfigWriteTest {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_DEVICE("eth1");
    ConfigWriteTest::SetUp();
  }
  static void SetUpTestSuite() { TakeEth1Up(); }
  static void TearDownTestSuite() { TakeEth1Down(); }

  static Setting Of(const std::string& irq, const std::string& device) {
    return {.setting = "smp_affinity", .device = device, .irq = irq};
  }

  // Writes one text after the other. Returns how often the file's text changed.
  static int Changes(const std::string& irq, const std::string& file,
                     const std::vector<std::string>& texts) {
    int changes = 0;
    for (const std::string& text : texts) {
      const std::string before = ReadFile(IrqFile(irq));
      EXPECT_EQ(WriteAsWriter(IrqFile(irq, file), text), 0) << irq << ' ' << text;
      changes += ReadFile(IrqFile(irq)) != before;
    }
    return changes;
  }
};

// The syscall backend compares with the mask written last, or with that at the exporter's start.
// eth1 had no interrupts then, so the first write to each counts as a change.
bool ComparesWithTheLastMask() { return BackendOf("irq") == "syscall"; }

TEST_F(Irq, CountsMasksAndListsAsOneSetting) {
  const std::string irq = IrqOfAction("eth1-rx-0");
  ASSERT_NE(irq, "");
  Changes(irq, "smp_affinity", {"3"});
  ExpectWrites(Of(irq, "eth1"), 1, ComparesWithTheLastMask() ? 1 : 0);
  const int masks = Changes(irq, "smp_affinity", {"1", "2\n", "2", "00000002", "3"});
  const int lists = Changes(irq, "smp_affinity_list", {"0", "1\n", "1", "0-1", "0,1"});
  EXPECT_EQ(masks, 3);
  EXPECT_EQ(lists, 3);
  ExpectWrites(Of(irq, "eth1"), 10, masks + lists);
  EXPECT_EQ(ValueOf(Of(irq, "eth1")), std::nullopt) << "a mask is no number";
}

// The interrupts of a virtio device belong to its PCI device.
TEST_F(Irq, FindsTheDeviceOfEachInterrupt) {
  for (const std::string& irq : IrqsOfEth0()) {
    const int changes = Changes(irq, "smp_affinity", {"1", "3"});
    ExpectWrites(Of(irq, "eth0"), 2, changes);
  }
  for (const std::string& irq : IrqsOfEth1()) {
    const int changes = Changes(irq, "smp_affinity_list", {"1", "0-1"});
    ExpectWrites(Of(irq, "eth1"), 2, changes);
  }
  EXPECT_GE(IrqsOfEth0().size(), 2U);
  EXPECT_GE(IrqsOfEth1().size(), 2U);
}

TEST_F(Irq, ComparesMasksWithLists) {
  const std::string irq = IrqOfAction("eth1-tx-0");
  ASSERT_NE(irq, "");
  int changes = Changes(irq, "smp_affinity", {"1", "1", "3\n", "3"});
  changes += Changes(irq, "smp_affinity_list", {"0-1", "0-1", "1"});
  changes += Changes(irq, "smp_affinity", {"1"});
  EXPECT_EQ(changes, 4);
  ExpectWrites(Of(irq, "eth1"), 8, 4);
}

TEST_F(Irq, CountsRefusedMasks) {
  const std::string irq = IrqOfAction("eth1-tx-0");
  ASSERT_NE(irq, "");
  for (const char* text : {"0", "cpu1", "1,2,3,x"})
    EXPECT_EQ(WriteAsWriter(IrqFile(irq), text), EINVAL) << text;
  EXPECT_EQ(WriteAsWriter(IrqFile(irq, "smp_affinity_list"), "a"), EINVAL);
  ExpectRefused(Of(irq, "eth1"), EINVAL, 4);
}

// Only user space knows the interrupt's device, so it applies the patterns of configuration writes.
TEST_F(Irq, ExcludesDevicesByPattern) {
  Daemon daemon(kOtherPort,
                Only({"irq"}, {WithConfig("config_writes: {devices: {exclude: [eth1]}}\n")}));
  ASSERT_TRUE(daemon.WaitUntilReady()) << daemon.Output();
  const std::string irq = IrqOfAction("eth1-tx-0"), other = IrqsOfEth0().at(0);
  ASSERT_NE(irq, "");
  EXPECT_EQ(WriteAsWriter(IrqFile(irq), "cpu1"), EINVAL);
  EXPECT_EQ(WriteAsWriter(IrqFile(other), "cpu1"), EINVAL);
  ExpectRefused(Of(irq, "eth1"), EINVAL);
  ExpectRefused(Of(other, "eth0"), EINVAL);
  std::vector<std::string> written;
  for (const auto& [series, value] : Scrape(daemon.port())) {
    if (series.starts_with("netchange_config_writes_total")) written.push_back(series);
  }
  ASSERT_EQ(written.size(), 1U);
  EXPECT_NE(written[0].find("device=\"eth0\""), std::string::npos) << written[0];
  daemon.Stop();
}

// The kernel itself places the interrupts of a disk's queues.
TEST_F(Irq, CountsRefusedWritesToManagedInterrupts) {
  const std::string irq = IrqOfAction("virtio0-req.0").empty() ? IrqOfAction("virtio1-req.0")
                                                               : IrqOfAction("virtio0-req.0");
  ASSERT_NE(irq, "") << ReadFile("/proc/interrupts");
  const int error = WriteAsWriter(IrqFile(irq), "1");
  EXPECT_TRUE(error == EIO || error == EPERM) << error;
  EXPECT_EQ(WriteAsWriter(IrqFile(irq, "smp_affinity_list"), "1"), error);
  ExpectRefused(Of(irq, ""), error, 2);
}

// As irqbalance does: writes to every interrupt, each with its current mask.
TEST_F(Irq, CountsAWalkThroughAllInterrupts) {
  const auto eth0 = IrqsOfEth0(), eth1 = IrqsOfEth1();
  const auto has = [](const auto& irqs, const std::string& irq) {
    return std::count(irqs.begin(), irqs.end(), irq) != 0;
  };
  int taken = 0;
  for (const std::string& irq : NamesIn("/proc/irq")) {
    const std::string mask = ReadFile(IrqFile(irq));
    if (mask.empty()) continue;  // not an interrupt
    const Setting setting = Of(irq, has(eth0, irq) ? "eth0" : has(eth1, irq) ? "eth1" : "");
    const int error = WriteAsWriter(IrqFile(irq), mask);
    if (error) {
      ExpectRefused(setting, error);
    } else {
      ExpectWrites(setting, 1, 0);
      ++taken;
    }
  }
  EXPECT_GE(taken, 6);
}

TEST_F(Irq, CountsNothingWhenItIsOnlyRead) {
  for (const std::string& irq : IrqsOfEth1()) EXPECT_NE(ReadFile(IrqFile(irq)), "");
}

TEST(IrqEvents, ShowOldAndNewMaskAndTheAction) {
  SKIP_WITHOUT_DEVICE("eth1");
  if (ComparesWithTheLastMask()) GTEST_SKIP() << "the kernel's mask and the action are not known";
  TakeEth1Up();
  const std::string irq = IrqOfAction("eth1-rx-0");
  ASSERT_NE(irq, "");
  WriteFile(IrqFile(irq), "3");
  const RunResult run = ForkAs("writer", [&] {
    for (const char* text : {"1", "00000001", "2", "0"}) WriteFile(IrqFile(irq), text);
    WriteFile(IrqFile(irq, "smp_affinity_list"), "0-1\n");
    return 0;
  });
  const auto events = EventsOf(run.pid, 5);
  TakeEth1Down();
  ASSERT_EQ(events.size(), 5U);
  const char* const expected[][4] = {{"3", "1", "ok", "changed"},
                                     {"1", "1", "ok", ""},
                                     {"1", "2", "ok", "changed"},
                                     {"", "0", "EINVAL", ""},
                                     {"2", "3", "ok", "changed"}};
  for (std::size_t i = 0; i < 5; ++i) {
    const Json& event = events[i];
    EXPECT_EQ(event["collector"], "irq");
    EXPECT_EQ(event["device"], "eth1");
    EXPECT_FALSE(event.contains("netns"));
    EXPECT_EQ(event["setting"], "smp_affinity");
    EXPECT_EQ(event["irq"], irq);
    EXPECT_EQ(event.value("action", ""), i == 3 ? "" : "eth1-rx-0");
    EXPECT_EQ(event.value("old", ""), expected[i][0]) << event;
    EXPECT_EQ(event["new"], expected[i][1]) << event;
    EXPECT_EQ(event["result"], expected[i][2]) << event;
    EXPECT_EQ(event["changed"], std::string("changed") == expected[i][3]) << event;
  }
}

}  // namespace
}  // namespace netchange::test
