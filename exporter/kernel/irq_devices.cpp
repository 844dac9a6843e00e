// SPDX-License-Identifier: Apache-2.0
#include "kernel/irq_devices.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "util/text.h"

namespace netchange {
namespace {

namespace fs = std::filesystem;

bool Exists(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

std::string FirstWord(const fs::path& path) {
  std::string word;
  std::ifstream(path) >> word;
  return word;
}

// The device that has the interrupts. A virtio device has none; its PCI device, one level up, has.
// Further up are PCI bridges with their own interrupts.
fs::path Owner(const fs::path& device) {
  const bool own = Exists(device / "msi_irqs") || Exists(device / "irq");
  return own ? device : device / "..";
}

// A device with message-signalled interrupts lists them in a directory. Its `irq` file is then an
// unused line.
bool HasIrq(const fs::path& device, const std::string& irq) {
  std::error_code error;
  const fs::path messages = device / "msi_irqs";
  if (fs::is_directory(messages, error) && !fs::is_empty(messages, error))
    return Exists(messages / irq);
  return FirstWord(device / "irq") == irq;
}

bool IsNumber(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

IrqDevices::IrqDevices(std::string directory) : directory_(std::move(directory)) {}

std::string IrqDevices::Find(const std::string& irq) const {
  std::string found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory_, error)) {
    const fs::path device = entry.path() / "device";
    if (!Exists(device) || !HasIrq(Owner(device), irq)) continue;
    if (!found.empty()) return "";
    found = PrintableText(entry.path().filename().string());
  }
  return found;
}

std::string IrqDevices::Device(const std::string& irq) {
  if (!IsNumber(irq)) return "";
  const std::lock_guard lock(mutex_);
  std::string& device = devices_[irq];
  if (!device.empty() && HasIrq(Owner(fs::path(directory_) / device / "device"), irq))
    return device;
  // A number may be reused, and a device renamed; the name of a deleted device is kept.
  if (const std::string found = Find(irq); !found.empty()) device = found;
  return device;
}

}  // namespace netchange
