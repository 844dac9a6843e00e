// SPDX-License-Identifier: Apache-2.0
#include "kernel/irq_devices.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
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

// True for `name`, and for `name` with a queue or a purpose behind it: eth0-rx-0, eth0:tx.
bool IsActionOf(const std::string& name, const std::string& action) {
  constexpr std::string_view kSeparators = "-:._@/ ";
  return !name.empty() && action.starts_with(name) &&
         (action.size() == name.size() ||
          kSeparators.find(action[name.size()]) != kSeparators.npos);
}

// "virtio0" for /sys/class/net/eth0/device -> ../../virtio0; empty if there is no device.
std::string NameOnTheBus(const fs::path& interface) {
  std::error_code error;
  const fs::path device = fs::canonical(interface / "device", error);
  return error ? "" : device.filename().string();
}

// The interface whose name the action has; the longest one, as `eth0-1` may be an interface too.
class BestMatch {
 public:
  void Offer(const std::string& interface, const std::string& name, const std::string& action) {
    if (!IsActionOf(name, action) || name.size() < length_) return;
    found_ = name.size() == length_ && found_ != interface ? "" : interface;
    length_ = name.size();
  }
  // Empty if there is none, or if several have the same name.
  [[nodiscard]] const std::string& found() const { return found_; }

 private:
  std::string found_;
  std::size_t length_ = 0;
};

}  // namespace

IrqDevices::IrqDevices(std::string directory, std::string interrupts)
    : directory_(std::move(directory)), interrupts_(std::move(interrupts)) {}

// Several drivers may share an interrupt: then its actions are a list with commas, and the
// interrupt belongs to an interface only if no other action does.
std::string IrqDevices::FindByAction(const std::string& irq) const {
  std::string line, action, found;
  std::getline(std::ifstream(fs::path(interrupts_) / irq / "actions") >> std::ws, line);
  std::istringstream actions(line);
  while (std::getline(actions, action, ',')) {
    BestMatch by_name, by_bus;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory_, error)) {
      const std::string interface = entry.path().filename().string();
      by_name.Offer(interface, interface, action);
      by_bus.Offer(interface, NameOnTheBus(entry.path()), action);
    }
    const std::string& match = by_name.found().empty() ? by_bus.found() : by_name.found();
    if (match.empty() || match == found) continue;
    if (!found.empty()) return "";
    found = match;
  }
  return PrintableText(found);
}

bool IrqDevices::Has(const std::string& device, const std::string& irq) const {
  return HasIrq(Owner(fs::path(directory_) / device / "device"), irq);
}

std::string IrqDevices::Find(const std::string& irq) const {
  std::string found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory_, error)) {
    const fs::path device = entry.path() / "device";
    if (!Exists(device) || !HasIrq(Owner(device), irq)) continue;
    if (!found.empty()) return FindByAction(irq);
    found = PrintableText(entry.path().filename().string());
  }
  return found.empty() ? FindByAction(irq) : found;
}

std::string IrqDevices::Device(const std::string& irq) {
  if (!IsNumber(irq)) return "";
  const std::lock_guard lock(mutex_);
  std::string& device = devices_[irq];
  if (!device.empty() && Has(device, irq)) return device;
  // A number may be reused, and a device renamed; the name of a deleted device is kept.
  if (const std::string found = Find(irq); !found.empty()) device = found;
  return device;
}

}  // namespace netchange
