// SPDX-License-Identifier: Apache-2.0
#include "kernel/map_entry.h"

#include <bpf/bpf.h>

namespace netchange::internal {

bool ReadEntry(int fd, const void* key, void* value) {
  return bpf_map_lookup_elem(fd, key, value) == 0;
}

bool WriteEntry(int fd, const void* key, const void* value) {
  return bpf_map_update_elem(fd, key, value, BPF_ANY) == 0;
}

bool AddEntry(int fd, const void* key, const void* value) {
  return bpf_map_update_elem(fd, key, value, BPF_NOEXIST) == 0;
}

}  // namespace netchange::internal
