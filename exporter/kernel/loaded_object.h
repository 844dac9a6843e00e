// SPDX-License-Identifier: Apache-2.0
// What is left of a BPF object once it is loaded: descriptors.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kernel/bpf_link.h"
#include "kernel/map_contents.h"
#include "util/fd.h"
#include "util/result.h"

namespace netchange {

/// Maps and programs in the kernel, and the links of the programs. Nothing of libbpf. The
/// destructor detaches everything. Not thread-safe while it is changed.
struct LoadedObject {
  using ByName = std::map<std::string, Fd, std::less<>>;

  ByName maps;
  ByName programs;
  std::vector<BpfLink> links;

  /// Borrowed; -1 if there is none of this name.
  [[nodiscard]] int MapFd(const std::string& name) const { return FdOf(maps, name); }
  [[nodiscard]] int ProgramFd(const std::string& name) const { return FdOf(programs, name); }
  /// Ignores contents of maps that the object does not have.
  [[nodiscard]] Status FillMaps(const std::vector<MapContents>& contents) const;
  void PinLinks(const std::shared_ptr<LinkPins>& pins) {
    for (BpfLink& link : links) link.Pin(pins);
  }

 private:
  static int FdOf(const ByName& all, const std::string& name) {
    const auto found = all.find(name);
    return found == all.end() ? -1 : found->second.get();
  }
};

}  // namespace netchange
