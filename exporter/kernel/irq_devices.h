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
class IrqDevices {
 public:
  /// `directory`: sysfs directory of the devices in the exporter's own network namespace.
  explicit IrqDevices(std::string directory = "/sys/class/net");

  /// Name of the device of the interrupt. Empty if there is none, or if several devices share the
  /// interrupt.
  std::string Device(const std::string& irq);

 private:
  [[nodiscard]] std::string Find(const std::string& irq) const;

  const std::string directory_;
  std::mutex mutex_;
  std::map<std::string, std::string> devices_;  // by interrupt
};

}  // namespace netchange
