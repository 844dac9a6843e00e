// SPDX-License-Identifier: Apache-2.0
#pragma once

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

  /// `ring_fd` is borrowed during the call only.
  static Result<std::unique_ptr<RingReader>> Start(int ring_fd, Handler handler);
  ~RingReader();
  RingReader(const RingReader&) = delete;
  RingReader& operator=(const RingReader&) = delete;

 private:
  struct Free {
    void operator()(ring_buffer* reader) const;
  };
  explicit RingReader(Handler handler) : handler_(std::move(handler)) {}
  static int HandleRecord(void* self, void* data, std::size_t size);
  void Run();

  const Handler handler_;
  std::unique_ptr<ring_buffer, Free> reader_;
  Fd stop_;  // an eventfd; readable when the thread must end
  std::thread thread_;
};

}  // namespace netchange
