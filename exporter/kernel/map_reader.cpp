// SPDX-License-Identifier: Apache-2.0
#include "kernel/map_reader.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <cerrno>
#include <optional>

namespace netchange::internal {
namespace {

constexpr std::size_t kBatch = 4096;  // entries per call; more than any bucket of our maps has

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

void Resize(RawEntries& entries, std::size_t count, std::size_t key_size, std::size_t value_size) {
  entries.keys.resize(count * key_size);
  entries.values.resize(count * value_size);
}

// -ENOENT ends the map; the last batch may have entries. nullopt: the kernel has no batches for
// this map.
std::optional<Status> ReadByBatch(int fd, const bpf_map_info& info, RawEntries& entries) {
  std::vector<std::uint8_t> position(std::max<std::size_t>(info.key_size, sizeof(std::uint32_t)));
  for (bool first = true;; first = false) {
    Resize(entries, entries.count + kBatch, info.key_size, info.value_size);
    std::uint32_t count = kBatch;
    const int result =
        bpf_map_lookup_batch(fd, first ? nullptr : position.data(), position.data(),
                             &entries.keys[entries.count * info.key_size],
                             &entries.values[entries.count * info.value_size], &count, nullptr);
    const int error = result ? errno : 0;
    if (first && (error == EINVAL || error == ENOTSUP)) return std::nullopt;
    if (error && error != ENOENT) return Status(ReadError(info, error));
    entries.count += count;
    if (error == ENOENT) return Status();
  }
}

// If a key is deleted meanwhile, the walk starts again. The map's size bounds it.
Status ReadByKey(int fd, const bpf_map_info& info, RawEntries& entries) {
  std::vector<std::uint8_t> key(info.key_size);
  for (std::size_t i = 0; i <= info.max_entries; ++i) {
    if (bpf_map_get_next_key(fd, i ? key.data() : nullptr, key.data())) {
      if (errno == ENOENT) return {};
      return ReadError(info, errno);
    }
    Resize(entries, entries.count + 1, info.key_size, info.value_size);
    std::memcpy(&entries.keys[entries.count * info.key_size], key.data(), key.size());
    if (!bpf_map_lookup_elem(fd, key.data(), &entries.values[entries.count * info.value_size]))
      ++entries.count;
  }
  return {};
}

}  // namespace

Result<RawEntries> ReadRawMap(int fd, std::size_t key_size, std::size_t value_size) {
  bpf_map_info info{};
  if (const Status layout = CheckLayout(fd, key_size, value_size, info); !layout)
    return layout.error();
  RawEntries entries;
  const std::optional<Status> batch = ReadByBatch(fd, info, entries);
  if (!batch) entries = {};
  const Status status = batch ? *batch : ReadByKey(fd, info, entries);
  if (!status) return status.error();
  return entries;
}

}  // namespace netchange::internal
