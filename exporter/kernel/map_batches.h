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
  std::uint32_t count = 0;
  int error = 0;  // an errno; ENOENT: this is the last batch
};

/// Reads the entries of a map in batches. While the caller uses one, a thread reads the next one,
/// which takes about as long. A map with few entries needs no thread. Not thread-safe.
///
/// While the kernel passes over empty buckets to fill a batch, it skips kprobe and tracepoint
/// programs on that CPU. If it is preemptible (`preempts`), other tasks could run there meanwhile,
/// and their events would be lost. So the reading thread has real-time priority during the call;
/// the error of the first batch is EPERM if it may not.
class MapBatches {
 public:
  /// `fd` is borrowed; `info` is only read.
  MapBatches(int fd, const bpf_map_info& info, bool preempts);
  ~MapBatches();
  MapBatches(const MapBatches&) = delete;
  MapBatches& operator=(const MapBatches&) = delete;

  /// Valid until the next call. Do not call it after an error.
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
  std::atomic<int> read_ = 0;
  std::thread thread_;  // reads all but the first one
};

}  // namespace netchange
