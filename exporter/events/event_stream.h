// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "bpf/abi/event.h"
#include "kernel/ring_reader.h"
#include "util/fd.h"
#include "util/result.h"

namespace netchange {

/// Reads the ring buffer that the BPF objects write to, on its own thread. Owns the ring buffer.
/// The destructor stops the thread.
class EventStream {
 public:
  using Handler = std::function<void(const event&)>;

  /// Fails if the kernel refuses the ring buffer.
  static Result<std::unique_ptr<EventStream>> Create();
  /// For BpfObject, which borrows it.
  [[nodiscard]] int ring_fd() const { return ring_.get(); }
  /// Calls `handler` for each event, one at a time, on the stream's thread, up to a millisecond
  /// after it. The event is valid only during the call. Call once.
  Status Start(Handler handler);

 private:
  explicit EventStream(Fd ring) : ring_(std::move(ring)) {}

  Fd ring_;
  std::unique_ptr<RingReader> reader_;
};

}  // namespace netchange
