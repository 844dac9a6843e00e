// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>

struct bpf_map_info;

namespace netchange {

/// Some entries of a map, as bytes.
struct MapBatch {
  MapBatch(std::size_t key_size, std::size_t value_size);

  const std::unique_ptr<std::uint8_t[]> keys, values;  // one after the other
  int error = 0;                                       // an errno; ENOENT: this is the last batch
  std::uint32_t count = 0;  // entries; without meaning after another error
};

/// Reads the entries of a map in batches. While the caller uses a batch, a thread reads the next
/// batch, which takes about as long. A map with few entries needs no thread. Not thread-safe.
///
/// While the kernel passes over empty buckets to fill a batch, it skips kprobe and tracepoint
/// programs on that CPU. If the kernel is preemptible (`preempts`), other tasks could run there
/// meanwhile, and their events would be lost. So the reading thread then has real-time priority
/// until the map is read: some milliseconds for 10,000 entries. If the process may not have
/// real-time priority, the error of the first batch is EPERM.
class MapBatches {
 public:
  /// `fd` is borrowed; `info` is only read.
  MapBatches(int fd, const bpf_map_info& info, bool preempts);
  ~MapBatches();
  MapBatches(const MapBatches&) = delete;
  MapBatches& operator=(const MapBatches&) = delete;

  /// Valid until the next call, and as long as this object. After a batch with an error there is
  /// no other: do not call it again.
  const MapBatch& Next();

 private:
  void Read(int number);
  void Start();
  void Run();
  MapBatch& At(int number) { return batches_[number % 2]; }

  const int fd_;
  const bool preempts_;
  const std::unique_ptr<std::uint8_t[]> position_;  // in the map, as the kernel notes it
  MapBatch batches_[2];
  int next_ = 0;               // batches that the caller asked for
  std::atomic<int> used_ = 0;  // batches that the caller does not use any more
  std::atomic<int> read_ = 0;  // batches that the thread has read, and the first one
  std::thread thread_;         // reads all batches but the first
};

}  // namespace netchange
