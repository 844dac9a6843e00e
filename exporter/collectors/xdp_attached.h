// SPDX-License-Identifier: Apache-2.0
// The XDP programs that are attached now, in every namespace that the exporter can enter.
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
#include "kernel/linked_programs.h"
#include "kernel/map_reader.h"
#include "kernel/netns.h"
#include "kernel/xdp_links.h"

namespace netchange {

/// One attached XDP program.
struct AttachedProgram {
  device_ref device;
  xdp_program program;
  std::uint8_t mode;            // enum xdp_mode_id
  std::uint32_t ifindex = 0;    // in its namespace
  std::string dispatcher = {};  // name of the attached program that calls this one; any bytes
};

/// Adds the programs that attached ones call, once for each device of the caller.
void AddLinked(const std::vector<LinkedProgram>& linked, std::vector<AttachedProgram>& attached);

/// The counted changes of one namespace. If it differs from before, something changed there: the
/// sum alone may be the same after series expired, the newest time alone after two CPUs counted at
/// once.
struct CountedChanges {
  std::uint64_t count = 0;
  std::uint64_t newest_ns = 0;
  auto operator<=>(const CountedChanges&) const = default;
};

/// Summarises successful changes by namespace.
std::map<std::uint32_t, CountedChanges> ChangesByNetns(const Entries<xdp_key, counter>& changes);

/// Successful attaches less detaches: how many more programs are attached than when counting began,
/// in all namespaces together.
std::int64_t CountAttached(const Entries<xdp_key, counter>& changes);

/// Asks the kernel and not the events, so that it is right from the start and after a loss. A
/// namespace is read again when a change was counted there, and at each scrape while it has a
/// program, because a device may be renamed. Namespaces without programs and changes cost nothing.
/// Every namespace is read again if a device left its namespace, or if more programs were counted
/// than are found: their devices are in a namespace that had none. Not thread-safe.
class AttachedPrograms {
 public:
  /// Reads every namespace.
  AttachedPrograms();

  /// Reads what may have changed. `lost`: lost updates so far.
  void Refresh(const Entries<xdp_key, counter>& changes, std::uint64_t lost);
  /// Reads every namespace again, for a backend that does not trace every change.
  void ReadAll();
  /// True if every namespace could be read when all were last read.
  [[nodiscard]] bool complete() const { return complete_; }

  /// The namespaces that could be read.
  [[nodiscard]] const std::set<NetnsId>& read() const { return read_; }

  /// True if the namespace had such a device when it was last read.
  [[nodiscard]] bool HasName(const device_ref& device) const;
  [[nodiscard]] bool HasIndex(const NetnsId& netns, std::uint32_t ifindex) const;

  [[nodiscard]] std::vector<AttachedProgram> All() const;
  /// Ports that have the program of their upper device, with it.
  [[nodiscard]] std::vector<std::pair<xdp_port, xdp_program>> Ports() const;

 private:
  struct Port {
    std::uint32_t ifindex;
    bool from_upper;
  };
  using Found = std::vector<std::pair<Port, AttachedProgram>>;

  // False if a device disappeared from its namespace and no change was counted there.
  bool ReadSome(const std::set<std::uint32_t>& wanted, const std::set<std::uint32_t>& changed);
  // False if the namespace was deleted.
  bool Read(const LiveNetns& netns);
  void ReportOnce(const std::string& reason);
  // Programs that were counted and not found, compared with the start.
  [[nodiscard]] std::int64_t Missing(const Entries<xdp_key, counter>& changes) const;

  std::map<std::uint32_t, LiveNetns> places_;  // where each namespace was last found
  std::map<std::uint32_t, Found> found_;       // by namespace; no value is empty
  std::map<std::uint32_t, CountedChanges> counted_;
  std::uint64_t lost_ = 0;
  std::int64_t missing_ = 0;  // when all or some were last read
  std::set<NetnsId> read_;
  std::set<std::pair<NetnsId, std::string>> names_;      // of all devices in read_
  std::set<std::pair<NetnsId, std::uint32_t>> indexes_;  // the same
  bool complete_ = true;
  bool reported_ = false;
};

}  // namespace netchange
