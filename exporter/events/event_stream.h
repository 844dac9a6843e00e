// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bpf/libbpf.h>

#include <functional>
#include <memory>
#include <thread>

#include "bpf/event.h"
#include "util/fd.h"
#include "util/result.h"

namespace netchange {

/// Reads the ring buffer that the BPF objects write to, on a thread of its own. Owns the ring and
/// the thread.
class EventStream {
 public:
  using Handler = std::function<void(const event&)>;

  /// An error if the kernel gives no ring buffer.
  static Result<std::unique_ptr<EventStream>> Create();
  /// Stops reading.
  ~EventStream();
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  /// For BpfObject: borrowed.
  [[nodiscard]] int ring_fd() const { return ring_.get(); }
  /// Calls `handler` for each event, one at a time, on the stream's thread. The event is valid
  /// during the call only. Call once.
  Status Start(Handler handler);

 private:
  struct Free {
    void operator()(ring_buffer* reader) const { ring_buffer__free(reader); }
  };
  explicit EventStream(Fd ring) : ring_(std::move(ring)) {}
  static int HandleRecord(void* self, void* data, std::size_t size);
  void Run();

  Fd ring_;
  Fd stop_;  // an eventfd: readable when the thread is to end
  std::unique_ptr<ring_buffer, Free> reader_;
  Handler handler_;
  std::thread thread_;
};

}  // namespace netchange
