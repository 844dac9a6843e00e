// SPDX-License-Identifier: Apache-2.0
// The XDP programs that are attached now, in every namespace that can be entered.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bpf/abi/counter.h"
#include "bpf/abi/device.h"
#include "bpf/abi/xdp.h"
#include "kernel/map_reader.h"
#include "kernel/netns.h"
#include "kernel/xdp_links.h"

namespace netchange {

/// An XDP program that is attached.
struct AttachedProgram {
  device_ref device;
  xdp_program program;
  std::uint8_t mode;  // enum xdp_mode_id
};

/// How far the changes of one namespace were seen. When it differs, something changed there: the
/// sum alone may stay the same when series go, the newest time alone when two CPUs count at once.
struct SeenChanges {
  std::uint64_t count = 0;
  std::uint64_t newest_ns = 0;
  auto operator<=>(const SeenChanges&) const = default;
};

/// Sums up successful changes by namespace.
std::map<std::uint32_t, SeenChanges> ChangesByNetns(const Entries<xdp_key, counter>& changes);

/// Asks the kernel, not the events, so that it is right from the start and after a loss. A
/// namespace is asked again when a change was counted there, and at each scrape while it has a
/// program, for a device may get another name. Where nothing is attached, and nothing changes,
/// nothing is done. Not thread-safe.
class AttachedPrograms {
 public:
  /// Looks at every namespace.
  AttachedPrograms();

  /// Brings it up to date. `lost`: changes that reached no counter, so far.
  void Refresh(const Entries<xdp_key, counter>& changes, std::uint64_t lost);
  /// Looks at every namespace anew, for where not every change is seen.
  void ReadAll();
  /// Whether every namespace could be asked when all were last looked at.
  [[nodiscard]] bool complete() const { return complete_; }

  /// Those of them that could be.
  [[nodiscard]] const std::set<NetnsId>& read() const { return read_; }

  [[nodiscard]] std::vector<AttachedProgram> All() const;
  /// Ports that have their program from above, with it.
  [[nodiscard]] std::vector<std::pair<xdp_port, xdp_program>> Ports() const;

 private:
  struct Port {
    std::uint32_t ifindex;
    bool from_above;
  };
  using Found = std::vector<std::pair<Port, AttachedProgram>>;

  // False if a device is no longer where it was, and nobody counted that.
  bool ReadSome(const std::set<std::uint32_t>& wanted, const std::set<std::uint32_t>& changed);
  // False if the namespace is gone.
  bool Read(const LiveNetns& netns);
  void SayOnce(const std::string& reason);

  std::map<std::uint32_t, LiveNetns> places_;  // where namespaces were last found
  std::map<std::uint32_t, Found> found_;       // by namespace; none is empty
  std::map<std::uint32_t, SeenChanges> seen_;
  std::uint64_t lost_ = 0;
  std::set<NetnsId> read_;
  bool complete_ = true;
  bool said_ = false;
};

}  // namespace netchange
