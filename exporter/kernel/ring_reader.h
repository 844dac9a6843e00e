// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

#include "util/fd.h"
#include "util/result.h"

struct ring_buffer;

namespace netchange {

/// Reads a BPF ring buffer on a thread of its own, which ends with the object.
class RingReader {
 public:
  /// Called for each record, one at a time, on the reader's thread. The bytes are valid only during
  /// the call.
  using Handler = std::function<void(const void* data, std::size_t size)>;

  /// `ring_fd` is borrowed during the call only. The kernel wakes the reader for a record if all
  /// records before are read; this takes time of the task whose program writes the record. So a
  /// reader that was woken first waits for `gather`: records that come meanwhile wake nobody, come
  /// later by up to `gather`, and need space in the ring buffer. The destructor ends the wait; all
  /// records that are there then are passed to `handler`.
  static Result<std::unique_ptr<RingReader>> Start(
      int ring_fd, Handler handler, std::chrono::nanoseconds gather = std::chrono::nanoseconds(0));
  ~RingReader();
  RingReader(const RingReader&) = delete;
  RingReader& operator=(const RingReader&) = delete;

 private:
  struct Free {
    void operator()(ring_buffer* reader) const;
  };
  RingReader(Handler handler, std::chrono::nanoseconds gather)
      : handler_(std::move(handler)), gather_(gather) {}
  static int HandleRecord(void* self, void* data, std::size_t size);
  void Run();

  const Handler handler_;
  const std::chrono::nanoseconds gather_;
  std::unique_ptr<ring_buffer, Free> reader_;
  Fd stop_;  // an eventfd; readable when the thread must end
  std::thread thread_;
};

}  // namespace netchange
