// SPDX-License-Identifier: Apache-2.0
#include "kernel/map_reader.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "kernel/map_batches.h"
#include "kernel/preemption.h"

namespace netchange::internal {
namespace {

Status CheckLayout(int fd, std::size_t key_size, std::size_t value_size, bpf_map_info& info) {
  std::uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(fd, &info, &size)) return SystemError("read a map's layout", errno);
  if (info.key_size == key_size && info.value_size == value_size) return {};
  return Error{"map " + std::string(info.name) + ": key and value of " +
               std::to_string(info.key_size) + " and " + std::to_string(info.value_size) +
               " bytes, expected " + std::to_string(key_size) + " and " +
               std::to_string(value_size)};
}

Error ReadError(const bpf_map_info& info, int error) {
  return SystemError("read map " + std::string(info.name), error);
}

// nullopt: the kernel has no batches for this map, or others may preempt this thread.
std::optional<Status> ReadByBatch(int fd, const bpf_map_info& info, const BatchFunction& take,
                                  bool preempts) {
  MapBatches batches(fd, info, preempts);
  for (bool first = true;; first = false) {
    const MapBatch& batch = batches.Next();
    const int error = batch.error;
    if (first && (error == EINVAL || error == ENOTSUP || error == EPERM)) return std::nullopt;
    if (error && error != ENOENT) return Status(ReadError(info, error));
    take(batch.keys.get(), batch.values.get(), batch.count);
    if (error == ENOENT) return Status();
  }
}

// Passes the keys, one after the other. If a key is deleted meanwhile, the kernel starts again at
// the first one, and keys occur twice.
Status WalkKeys(int fd, const bpf_map_info& info,
                const std::function<void(const std::uint8_t*)>& take) {
  std::vector<std::uint8_t> key(info.key_size);
  const std::size_t most = 2 * std::size_t{info.max_entries};
  for (std::size_t i = 0; !bpf_map_get_next_key(fd, i ? key.data() : nullptr, key.data()); ++i) {
    if (i == most) return Error{"read map " + std::string(info.name) + ": it changes all the time"};
    take(key.data());
  }
  return errno == ENOENT ? Status() : Status(ReadError(info, errno));
}

// Each key once, in the order of their bytes. Borrowed from `keys`.
std::vector<const std::uint8_t*> EachOnce(const std::vector<std::uint8_t>& keys, std::size_t size) {
  std::vector<const std::uint8_t*> each;
  for (std::size_t at = 0; at < keys.size(); at += size) each.push_back(&keys[at]);
  std::sort(each.begin(), each.end(),
            [&](const auto* a, const auto* b) { return std::memcmp(a, b, size) < 0; });
  const auto end = std::unique(each.begin(), each.end(), [&](const auto* a, const auto* b) {
    return std::memcmp(a, b, size) == 0;
  });
  each.erase(end, each.end());
  return each;
}

Status ReadByKey(int fd, const bpf_map_info& info, const BatchFunction& take) {
  std::vector<std::uint8_t> keys;
  Status read = WalkKeys(fd, info, [&](const std::uint8_t* key) {
    keys.insert(keys.end(), key, key + info.key_size);
  });
  if (!read) return read;
  std::vector<std::uint8_t> value(info.value_size);
  for (const std::uint8_t* key : EachOnce(keys, info.key_size)) {
    if (!bpf_map_lookup_elem(fd, key, value.data())) take(key, value.data(), 1);
  }
  return {};
}

}  // namespace

Status ReadBatches(int fd, std::size_t key_size, std::size_t value_size, const BatchFunction& take,
                   bool preempts) {
  bpf_map_info info{};
  if (Status layout = CheckLayout(fd, key_size, value_size, info); !layout) return layout;
  if (const std::optional<Status> batch = ReadByBatch(fd, info, take, preempts)) return *batch;
  return ReadByKey(fd, info, take);
}

bool ThisKernelPreempts() {
  static const bool preempts = KernelPreempts();
  return preempts;
}

Result<RawEntries> ReadRawMap(int fd, std::size_t key_size, std::size_t value_size) {
  RawEntries entries;
  const Status status = ReadBatches(
      fd, key_size, value_size,
      [&](const std::uint8_t* keys, const std::uint8_t* values, std::size_t count) {
        entries.keys.insert(entries.keys.end(), keys, keys + count * key_size);
        entries.values.insert(entries.values.end(), values, values + count * value_size);
        entries.count += count;
      },
      ThisKernelPreempts());
  if (!status) return status.error();
  return entries;
}

}  // namespace netchange::internal
