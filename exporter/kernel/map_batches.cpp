// SPDX-License-Identifier: Apache-2.0
#include "kernel/map_batches.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <optional>
#include <system_error>

#include "kernel/realtime_priority.h"

namespace netchange {
namespace {

constexpr std::size_t kBatch = 1024;  // entries per call; more than any bucket of our maps has
constexpr int kStop = std::numeric_limits<int>::max();  // instead of the number of used batches

using Bytes = std::unique_ptr<std::uint8_t[]>;

Bytes NewBytes(std::size_t size) { return std::make_unique_for_overwrite<std::uint8_t[]>(size); }

}  // namespace

MapBatch::MapBatch(std::size_t key_size, std::size_t value_size)
    : keys(NewBytes(kBatch * key_size)), values(NewBytes(kBatch * value_size)) {}

MapBatches::MapBatches(int fd, const bpf_map_info& info, bool preempts)
    : fd_(fd),
      preempts_(preempts),
      position_(NewBytes(std::max<std::size_t>(info.key_size, sizeof(std::uint32_t)))),
      batches_{{info.key_size, info.value_size}, {info.key_size, info.value_size}} {}

MapBatches::~MapBatches() {
  if (!thread_.joinable()) return;
  used_ = kStop;
  used_.notify_one();
  thread_.join();
}

const MapBatch& MapBatches::Next() {
  const int number = next_++;
  if (!thread_.joinable()) {
    Read(number);
    if (number == 0 && !At(number).error) Start();
    return At(number);
  }
  used_ = number;
  used_.notify_one();
  for (int read = read_; read <= number; read = read_) read_.wait(read);
  return At(number);
}

void MapBatches::Read(int number) {
  MapBatch& batch = At(number);
  std::optional<RealtimePriority> priority;
  if (preempts_ && !priority.emplace()) {
    batch.error = EPERM;
    return;
  }
  batch.count = kBatch;
  std::uint8_t* position = position_.get();
  const int result =
      bpf_map_lookup_batch(fd_, number ? position : nullptr, position, batch.keys.get(),
                           batch.values.get(), &batch.count, nullptr);
  batch.error = result ? errno : 0;
}

// If the process may have no more threads, Next() reads each batch itself.
void MapBatches::Start() {
  try {
    thread_ = std::thread(&MapBatches::Run, this);
  } catch (const std::system_error&) {
  }
}

// Keeps its priority between the batches. A thread that is woken without it often runs on the CPU
// of the thread that wakes it, so that the two take turns instead of working at the same time.
void MapBatches::Run() {
  std::optional<RealtimePriority> priority;
  if (preempts_) priority.emplace();
  for (int number = 1;; ++number) {
    int used = used_;
    for (; used < number - 1; used = used_) used_.wait(used);
    if (used == kStop) return;
    Read(number);
    read_ = number + 1;
    read_.notify_one();
    if (At(number).error) return;
  }
}

}  // namespace netchange
