// SPDX-License-Identifier: Apache-2.0
// Expiry: map entries are deleted if their device or namespace was deleted and they had no event
// for long enough.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bpf/abi/device.h"
#include "kernel/netns.h"

namespace netchange {

/// Knows which devices exist now. Reads a namespace on the first question about it. Use one object
/// per sweep.
class LiveDevices {
 public:
  explicit LiveDevices(std::vector<LiveNetns> namespaces);
  /// False if it exists, and if its namespace may not be entered.
  bool IsDeleted(const device_ref& device);

 private:
  struct Namespace {
    bool readable = false;  // it could be entered
    std::uint32_t cookie = 0;
    std::set<std::string> devices;
  };
  const Namespace& Read(const LiveNetns& netns);

  std::map<std::uint32_t, LiveNetns> live_;  // by inode
  std::map<std::uint32_t, Namespace> read_;  // by inode
};

/// A count map. Its key begins with a device_ref, its value with a number and the time of the
/// newest event (boot time, nanoseconds). Histograms have no time.
struct ExpiringMap {
  int fd;
  bool has_time;
  bool counts;  // the number counts events
};

struct ExpirySweep {
  std::uint64_t removed = 0;
  std::uint64_t lost = 0;  // events that were counted while their entry was deleted
};

/// Deletes entries that had no event since `before_ns` and whose device `deleted` reports as
/// deleted; it is called only for entries that are old enough. `maps` are the maps of one object:
/// entries without a time are deleted when no entry with a time has their device any more. Adds the
/// namespaces of all other entries to `in_use`.
ExpirySweep ExpireEntries(std::span<const ExpiringMap> maps, std::uint64_t before_ns,
                          const std::function<bool(const device_ref&)>& deleted,
                          std::set<NetnsId>& in_use);

}  // namespace netchange
