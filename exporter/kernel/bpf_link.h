// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "kernel/link_pins.h"
#include "util/fd.h"

namespace netchange {

/// An attached program. Detached when the link is destroyed; if it is pinned, a moment later. Not
/// thread-safe.
class BpfLink {
 public:
  /// Takes the descriptor of a link or, where the kernel has no such links, of a perf event.
  explicit BpfLink(Fd fd) : fd_(std::move(fd)) {}

  /// Replaces the descriptor by a name in `pins`, so that detaching does not wait. Without effect
  /// if `pins` is null, or if the kernel cannot pin this link.
  void Pin(const std::shared_ptr<LinkPins>& pins) {
    if (!pins || pin_) return;
    pin_ = pins->Pin(fd_.get());
    if (pin_) fd_ = Fd();
  }

 private:
  Fd fd_;
  std::unique_ptr<LinkPin> pin_;
};

}  // namespace netchange
