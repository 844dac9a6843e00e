// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>

namespace netchange {

/// Network devices of interrupts, as sysfs has them. Thread-safe.
///
/// Not known in the kernel where an interrupt's processors are set, so it is looked up: what sysfs
/// says now, because a device may come, or get its name, after its interrupt, and a number may go
/// to another device. That of a device that is gone is kept.
class IrqDevices {
 public:
  /// `directory`: where the devices of the exporter's own network namespace are.
  explicit IrqDevices(std::string directory = "/sys/class/net");

  /// Name of the device that has the interrupt. Empty if there is none, or several that share it.
  std::string Device(const std::string& irq);

 private:
  [[nodiscard]] std::string Find(const std::string& irq) const;

  const std::string directory_;
  std::mutex mutex_;
  std::map<std::string, std::string> devices_;  // by interrupt
};

}  // namespace netchange
