// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>

namespace netchange {

/// Network devices of interrupts, as sysfs has them. Thread-safe.
///
/// The kernel side does not know the device of an interrupt, so user space looks it up in sysfs at
/// each call: a device may appear or be renamed after its interrupt, and a number may be reused.
/// The name of a deleted device is kept.
///
/// An interrupt of a PCI device is in the device's directory. Otherwise the interrupt's action says
/// whose it is: drivers call it like the interface (`eth0`, `eth0-rx-0`), or like the device on its
/// bus (`virtio0`, `4a100000.ethernet`).
class IrqDevices {
 public:
  /// `directory`: sysfs directory of the devices in the exporter's own network namespace.
  /// `interrupts`: sysfs directory of all interrupts.
  explicit IrqDevices(std::string directory = "/sys/class/net",
                      std::string interrupts = "/sys/kernel/irq");

  /// Name of the device of the interrupt. Empty if there is none, or if several devices share the
  /// interrupt.
  std::string Device(const std::string& irq);

 private:
  [[nodiscard]] std::string Find(const std::string& irq) const;
  [[nodiscard]] std::string FindByAction(const std::string& irq) const;
  [[nodiscard]] bool Has(const std::string& device, const std::string& irq) const;

  const std::string directory_, interrupts_;
  std::mutex mutex_;
  std::map<std::string, std::string> devices_;  // by interrupt
};

}  // namespace netchange
