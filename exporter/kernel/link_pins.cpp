// SPDX-License-Identifier: Apache-2.0
#include "kernel/link_pins.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include "kernel/mounts.h"

namespace netchange {

LinkPin::~LinkPin() {
  if (const auto pins = pins_.lock()) unlinkat(pins->directory_.get(), name_.c_str(), 0);
}

std::shared_ptr<LinkPins> LinkPins::Create() {
  Fd directory = MountForMyself("bpf");
  if (!directory) return nullptr;
  return std::shared_ptr<LinkPins>(new LinkPins(std::move(directory)));
}

std::unique_ptr<LinkPin> LinkPins::Pin(int link) {
  const std::string name = std::to_string(++names_);
  // Only kernels since 6.5 take a descriptor of the directory.
  const std::string path = "/proc/self/fd/" + std::to_string(directory_.get()) + "/" + name;
  if (bpf_obj_pin(link, path.c_str())) return nullptr;
  return std::make_unique<LinkPin>(weak_from_this(), name);
}

}  // namespace netchange
