// SPDX-License-Identifier: Apache-2.0
#include "kernel/ring_reader.h"

#include <bpf/libbpf.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <cerrno>

#include "util/log.h"

namespace netchange {

void RingReader::Free::operator()(ring_buffer* reader) const { ring_buffer__free(reader); }

Result<std::unique_ptr<RingReader>> RingReader::Start(int ring_fd, Handler handler,
                                                      std::chrono::nanoseconds gather) {
  std::unique_ptr<RingReader> made(new RingReader(std::move(handler), gather));
  made->reader_.reset(ring_buffer__new(ring_fd, HandleRecord, made.get(), nullptr));
  if (!made->reader_) return SystemError("read a ring buffer", errno);
  made->stop_ = Fd(eventfd(0, EFD_CLOEXEC));
  if (!made->stop_) return SystemError("create an eventfd", errno);
  made->thread_ = std::thread([reader = made.get()] { reader->Run(); });
  return made;
}

RingReader::~RingReader() {
  if (!thread_.joinable()) return;
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

int RingReader::HandleRecord(void* self, void* data, std::size_t size) {
  static_cast<RingReader*>(self)->handler_(data, size);
  return 0;
}

void RingReader::Run() {
  pollfd wait[] = {{ring_buffer__epoll_fd(reader_.get()), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(gather_);
  const timespec gather = {seconds.count(), (gather_ - seconds).count()};
  while (!wait[1].revents) {
    if (poll(wait, 2, -1) < 0 && errno != EINTR) {
      LogError("stopped reading a ring buffer", {{"reason", SystemError("poll", errno).message}});
      return;
    }
    if (gather_.count()) ppoll(&wait[1], 1, &gather, nullptr);
    ring_buffer__consume(reader_.get());
  }
}

}  // namespace netchange
