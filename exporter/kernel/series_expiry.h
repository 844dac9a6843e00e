// SPDX-License-Identifier: Apache-2.0
// Series of devices and namespaces that are gone: taken out of the maps when nothing happened to
// them for long enough.
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

/// Tells whether a device is there at this moment. Looks into a namespace when it is first asked
/// for it; an object is for one sweep.
class LiveDevices {
 public:
  explicit LiveDevices(std::vector<LiveNetns> namespaces);
  /// False if it is there, or if nobody can tell: its namespace may not be entered.
  bool IsGone(const device_ref& device);

 private:
  struct Namespace {
    bool seen = false;  // could be entered
    std::uint32_t cookie = 0;
    std::set<std::string> devices;
  };
  const Namespace& Look(const LiveNetns& netns);

  std::map<std::uint32_t, LiveNetns> live_;       // by inode
  std::map<std::uint32_t, Namespace> looked_at_;  // the same
};

/// A count map: its key begins with a device_ref, its value with a number and the time of its
/// newest event (boot time, nanoseconds), but for durations, which have no time.
struct ExpiringMap {
  int fd;
  bool has_time;
  bool counts;  // the number is that of events
};

struct ExpirySweep {
  std::uint64_t removed = 0;
  std::uint64_t lost = 0;  // events that came while their entry was taken away
};

/// Takes away what had no event since `before_ns` and is gone. `maps` are those of one object:
/// entries without a time go when those with one have gone. Adds the namespaces of all that stays
/// to `in_use`. `gone` is only asked where an entry is old enough.
ExpirySweep ExpireEntries(std::span<const ExpiringMap> maps, std::uint64_t before_ns,
                          const std::function<bool(const device_ref&)>& gone,
                          std::set<NetnsId>& in_use);

}  // namespace netchange
