// SPDX-License-Identifier: Apache-2.0
#include "events/event_stream.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <cerrno>

#include "kernel/bpf_object.h"
#include "util/log.h"

namespace netchange {

Result<std::unique_ptr<EventStream>> EventStream::Create() {
  auto ring = CreateEventRing();
  if (!ring) return ring.error();
  return std::unique_ptr<EventStream>(new EventStream(std::move(*ring)));
}

EventStream::~EventStream() {
  if (!thread_.joinable()) return;
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

Status EventStream::Start(Handler handler) {
  handler_ = std::move(handler);
  reader_.reset(ring_buffer__new(ring_.get(), HandleRecord, this, nullptr));
  if (!reader_) return SystemError("read the event ring buffer", errno);
  stop_ = Fd(eventfd(0, EFD_CLOEXEC));
  if (!stop_) return SystemError("create an eventfd", errno);
  thread_ = std::thread([this] { Run(); });
  return {};
}

int EventStream::HandleRecord(void* self, void* data, std::size_t size) {
  // The ring is written by our own programs only; a record of another size would be a bug, and is
  // not read.
  if (size == sizeof(event))
    static_cast<EventStream*>(self)->handler_(*static_cast<const event*>(data));
  return 0;
}

void EventStream::Run() {
  pollfd wait[] = {{ring_buffer__epoll_fd(reader_.get()), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
  while (!wait[1].revents) {
    if (poll(wait, 2, -1) < 0 && errno != EINTR) {
      LogError("event log ends", {{"reason", SystemError("poll", errno).message}});
      return;
    }
    ring_buffer__consume(reader_.get());
  }
}

}  // namespace netchange
