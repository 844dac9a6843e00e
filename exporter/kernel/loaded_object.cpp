// SPDX-License-Identifier: Apache-2.0
#include "kernel/loaded_object.h"

#include <bpf/bpf.h>

#include <cerrno>

namespace netchange {

Status LoadedObject::FillMaps(const std::vector<MapContents>& contents) const {
  for (const MapContents& map : contents) {
    const int fd = MapFd(map.map);
    if (fd < 0) continue;
    for (const auto& [key, value] : map.entries.get()) {
      if (!bpf_map_update_elem(fd, key.data(), value.data(), BPF_ANY)) continue;
      if (errno == E2BIG && map.may_overflow) break;
      return SystemError("fill map " + map.map, errno);
    }
  }
  return {};
}

}  // namespace netchange
