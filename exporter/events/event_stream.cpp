// SPDX-License-Identifier: Apache-2.0
#include "events/event_stream.h"

#include <chrono>

#include "kernel/bpf_object.h"

namespace netchange {
namespace {

// The ring buffer has space for the events of this time if there are less than two million a
// second.
constexpr std::chrono::microseconds kGather(500);

}  // namespace

Result<std::unique_ptr<EventStream>> EventStream::Create() {
  auto ring = CreateEventRing();
  if (!ring) return ring.error();
  return std::unique_ptr<EventStream>(new EventStream(std::move(*ring)));
}

Status EventStream::Start(Handler handler) {
  // Only our own programs write to the ring buffer. A record of another size would be a bug, and is
  // ignored.
  auto reader = RingReader::Start(
      ring_.get(),
      [handler = std::move(handler)](const void* data, std::size_t size) {
        if (size == sizeof(event)) handler(*static_cast<const event*>(data));
      },
      kGather);
  if (!reader) return reader.error();
  reader_ = std::move(*reader);
  return {};
}

}  // namespace netchange
