// SPDX-License-Identifier: Apache-2.0
#include "kernel/irq_devices.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support.h"

namespace netchange {
namespace {

namespace fs = std::filesystem;

// A directory like sysfs: net/<name>/device is a link into devices/.
class FakeSysfs {
 public:
  FakeSysfs() { fs::create_directories(root_ / "net"); }

  [[nodiscard]] std::string net() const { return root_ / "net"; }

  void Link(const std::string& name, const std::string& device) const {
    fs::create_directories(root_ / "net" / name);
    fs::create_directories(root_ / "devices" / device);
    fs::create_directory_symlink(root_ / "devices" / device, root_ / "net" / name / "device");
  }
  void Line(const std::string& device, const std::string& irq) const {
    std::ofstream(root_ / "devices" / device / "irq") << irq << '\n';
  }
  void Messages(const std::string& device, const std::vector<std::string>& irqs) const {
    const fs::path directory = root_ / "devices" / device / "msi_irqs";
    fs::create_directories(directory);
    for (const std::string& irq : irqs) std::ofstream(directory / irq) << "msix\n";
  }

 private:
  TemporaryDirectory directory_;
  fs::path root_ = directory_.path();
};

TEST(IrqDevices, FindsTheDeviceOfAMessage) {
  const FakeSysfs sysfs;
  sysfs.Link("eth0", "pci0/0000:00:02.0");
  sysfs.Line("pci0/0000:00:02.0", "11");
  sysfs.Messages("pci0/0000:00:02.0", {"24", "25"});
  sysfs.Link("eth1", "pci0/0000:00:03.0");
  sysfs.Messages("pci0/0000:00:03.0", {"26"});
  IrqDevices irqs(sysfs.net());
  EXPECT_EQ(irqs.Device("24"), "eth0");
  EXPECT_EQ(irqs.Device("25"), "eth0");
  EXPECT_EQ(irqs.Device("26"), "eth1");
  EXPECT_EQ(irqs.Device("2"), "");
  EXPECT_EQ(irqs.Device("11"), "") << "a line that is not used: others may have it";
}

TEST(IrqDevices, FindsTheDeviceOfALine) {
  const FakeSysfs sysfs;
  sysfs.Link("eth0", "pci0/0000:00:02.0");
  sysfs.Line("pci0/0000:00:02.0", "10");
  sysfs.Messages("pci0/0000:00:02.0", {});
  IrqDevices irqs(sysfs.net());
  EXPECT_EQ(irqs.Device("10"), "eth0");
  EXPECT_EQ(irqs.Device("1"), "");
}

TEST(IrqDevices, LooksAboveAVirtioDevice) {
  const FakeSysfs sysfs;
  sysfs.Link("eth0", "pci0/0000:00:02.0/virtio1");
  sysfs.Messages("pci0/0000:00:02.0", {"27"});
  EXPECT_EQ(IrqDevices(sysfs.net()).Device("27"), "eth0");
}

TEST(IrqDevices, DoesNotTakeABridgeForTheDevice) {
  const FakeSysfs sysfs;
  sysfs.Link("eth0", "pci0/0000:00:1c.0/0000:02:00.0");
  sysfs.Line("pci0/0000:00:1c.0/0000:02:00.0", "11");
  sysfs.Messages("pci0/0000:00:1c.0", {"30"});
  EXPECT_EQ(IrqDevices(sysfs.net()).Device("30"), "");
}

TEST(IrqDevices, NamesNoDeviceIfSeveralShareIt) {
  const FakeSysfs sysfs;
  for (const char* name : {"p0", "pf0vf0"}) sysfs.Link(name, "pci0/0000:00:02.0");
  sysfs.Messages("pci0/0000:00:02.0", {"24"});
  EXPECT_EQ(IrqDevices(sysfs.net()).Device("24"), "");
}

TEST(IrqDevices, PassesDevicesWithoutHardwareOver) {
  const FakeSysfs sysfs;
  fs::create_directories(sysfs.net() + "/lo");
  std::ofstream(sysfs.net() + "/bonding_masters") << "bond0\n";
  EXPECT_EQ(IrqDevices(sysfs.net()).Device("24"), "");
  EXPECT_EQ(IrqDevices(sysfs.net() + "/none").Device("24"), "");
}

TEST(IrqDevices, FollowsDevicesAndKeepsDeletedOnes) {
  const FakeSysfs sysfs;
  sysfs.Link("eth0", "a");
  sysfs.Messages("a", {"24"});
  IrqDevices irqs(sysfs.net());
  EXPECT_EQ(irqs.Device("24"), "eth0");
  EXPECT_EQ(irqs.Device("25"), "");
  fs::rename(sysfs.net() + "/eth0", sysfs.net() + "/renamed");
  sysfs.Messages("a", {"25", "26"});
  for (const char* irq : {"24", "25", "26"}) EXPECT_EQ(irqs.Device(irq), "renamed");
  fs::remove_all(sysfs.net() + "/renamed");
  EXPECT_EQ(irqs.Device("24"), "renamed");
  sysfs.Link("eth1", "b");
  sysfs.Messages("b", {"24"});
  EXPECT_EQ(irqs.Device("24"), "eth1");
  EXPECT_EQ(irqs.Device("25"), "renamed");
}

TEST(IrqDevices, TakesOnlyNumbers) {
  const FakeSysfs sysfs;
  sysfs.Link("eth0", "a");
  sysfs.Messages("a", {"24"});
  IrqDevices irqs(sysfs.net());
  for (const char* text : {"", ".", "..", "24/", "../msi_irqs/24", "0x18", " 24"})
    EXPECT_EQ(irqs.Device(text), "") << text;
}

}  // namespace
}  // namespace netchange
