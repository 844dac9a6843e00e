// SPDX-License-Identifier: Apache-2.0
#include "kernel/irq_devices.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "support.h"

namespace netchange {
namespace {

namespace fs = std::filesystem;

// A directory like sysfs: net/<name>/device is a link into devices/.
class FakeSysfs {
 public:
  FakeSysfs() { fs::create_directories(root_ / "net"); }

  [[nodiscard]] std::string net() const { return root_ / "net"; }
  [[nodiscard]] std::string interrupts() const { return root_ / "irq"; }

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

  void Actions(const std::string& irq, const std::string& actions) const {
    fs::create_directories(root_ / "irq" / irq);
    std::ofstream(root_ / "irq" / irq / "actions") << actions << '\n';
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
  IrqDevices irqs(sysfs.net(), sysfs.interrupts());
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
  IrqDevices irqs(sysfs.net(), sysfs.interrupts());
  EXPECT_EQ(irqs.Device("10"), "eth0");
  EXPECT_EQ(irqs.Device("1"), "");
}

TEST(IrqDevices, LooksAboveAVirtioDevice) {
  const FakeSysfs sysfs;
  sysfs.Link("eth0", "pci0/0000:00:02.0/virtio1");
  sysfs.Messages("pci0/0000:00:02.0", {"27"});
  EXPECT_EQ(IrqDevices(sysfs.net(), sysfs.interrupts()).Device("27"), "eth0");
}

TEST(IrqDevices, DoesNotTakeABridgeForTheDevice) {
  const FakeSysfs sysfs;
  sysfs.Link("eth0", "pci0/0000:00:1c.0/0000:02:00.0");
  sysfs.Line("pci0/0000:00:1c.0/0000:02:00.0", "11");
  sysfs.Messages("pci0/0000:00:1c.0", {"30"});
  EXPECT_EQ(IrqDevices(sysfs.net(), sysfs.interrupts()).Device("30"), "");
}

TEST(IrqDevices, NamesNoDeviceIfSeveralShareIt) {
  const FakeSysfs sysfs;
  for (const char* name : {"p0", "pf0vf0"}) sysfs.Link(name, "pci0/0000:00:02.0");
  sysfs.Messages("pci0/0000:00:02.0", {"24"});
  EXPECT_EQ(IrqDevices(sysfs.net(), sysfs.interrupts()).Device("24"), "");
}

// No PCI device: /sys/class/net/eth0/device has neither `msi_irqs` nor `irq`.
TEST(IrqDevices, FindsTheDeviceOfAnActionWithItsName) {
  const FakeSysfs sysfs;
  sysfs.Link("eth0", "platform/soc/4a100000.ethernet");
  sysfs.Link("eth0-1", "platform/soc/4a200000.ethernet");
  sysfs.Link("eth", "platform/soc/4a300000.ethernet");
  IrqDevices irqs(sysfs.net(), sysfs.interrupts());
  const std::map<std::string, std::string> expected = {
      {"eth0", "eth0"},        {"eth0-rx-0", "eth0"}, {"eth0:tx", "eth0"},
      {"eth0-1-rx", "eth0-1"}, {"eth-TxRx", "eth"},   {"eth1", ""},
      {"ether", ""},           {"timer", ""},         {"", ""}};
  int irq = 40;
  for (const auto& [action, device] : expected) {
    const std::string number = std::to_string(irq++);
    sysfs.Actions(number, action);
    EXPECT_EQ(irqs.Device(number), device) << action;
  }
  EXPECT_EQ(irqs.Device("99"), "") << "no such interrupt";
}

TEST(IrqDevices, FindsTheDeviceOfAnActionWithTheNameOnTheBus) {
  const FakeSysfs sysfs;
  sysfs.Link("eth0", "platform/a003e00.virtio_mmio/virtio0");
  sysfs.Link("eth1", "platform/a003c00.virtio_mmio/virtio10");
  sysfs.Link("lan0", "platform/soc/fe300000.ethernet");
  IrqDevices irqs(sysfs.net(), sysfs.interrupts());
  sysfs.Actions("45", "virtio0");
  sysfs.Actions("46", "virtio10-input.0");
  sysfs.Actions("47", "virtio1");
  sysfs.Actions("48", "fe300000.ethernet");
  EXPECT_EQ(irqs.Device("45"), "eth0");
  EXPECT_EQ(irqs.Device("46"), "eth1");
  EXPECT_EQ(irqs.Device("47"), "");
  EXPECT_EQ(irqs.Device("48"), "lan0");
}

TEST(IrqDevices, NamesNoDeviceIfActionsAreOfSeveral) {
  const FakeSysfs sysfs;
  for (const char* port : {"lan0", "lan1"}) sysfs.Link(port, "platform/switch");
  sysfs.Link("eth0", "platform/mac");
  IrqDevices irqs(sysfs.net(), sysfs.interrupts());
  sysfs.Actions("50", "switch");
  sysfs.Actions("51", "eth0,lan0");
  sysfs.Actions("52", "ehci_hcd:usb1,eth0,eth0-rx");
  sysfs.Actions("53", "lan1");
  EXPECT_EQ(irqs.Device("50"), "") << "two ports have this device";
  EXPECT_EQ(irqs.Device("51"), "");
  EXPECT_EQ(irqs.Device("52"), "eth0");
  EXPECT_EQ(irqs.Device("53"), "lan1");
}

TEST(IrqDevices, TrustsTheDirectoryOfAPciDeviceMoreThanTheAction) {
  const FakeSysfs sysfs;
  sysfs.Link("eth1", "pci0/0000:00:02.0");
  sysfs.Messages("pci0/0000:00:02.0", {"24"});
  sysfs.Link("eth0", "platform/mac");
  sysfs.Actions("24", "eth0");  // eth1 had this name when its driver started
  EXPECT_EQ(IrqDevices(sysfs.net(), sysfs.interrupts()).Device("24"), "eth1");
}

TEST(IrqDevices, PassesDevicesWithoutHardwareOver) {
  const FakeSysfs sysfs;
  fs::create_directories(sysfs.net() + "/lo");
  std::ofstream(sysfs.net() + "/bonding_masters") << "bond0\n";
  EXPECT_EQ(IrqDevices(sysfs.net(), sysfs.interrupts()).Device("24"), "");
  EXPECT_EQ(IrqDevices(sysfs.net() + "/none", sysfs.interrupts()).Device("24"), "");
}

TEST(IrqDevices, FollowsDevicesAndKeepsDeletedOnes) {
  const FakeSysfs sysfs;
  sysfs.Link("eth0", "a");
  sysfs.Messages("a", {"24"});
  IrqDevices irqs(sysfs.net(), sysfs.interrupts());
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
  IrqDevices irqs(sysfs.net(), sysfs.interrupts());
  for (const char* text : {"", ".", "..", "24/", "../msi_irqs/24", "0x18", " 24"})
    EXPECT_EQ(irqs.Device(text), "") << text;
}

}  // namespace
}  // namespace netchange
