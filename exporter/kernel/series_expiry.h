// SPDX-License-Identifier: Apache-2.0
// Expiry: map entries are deleted if their device or namespace was deleted and they had no event
// for long enough, or if their map is nearly full.
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
#include "bpf/abi/settings.h"
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
  bool counts;             // the number counts events
  std::uint32_t capacity;  // entries, without FOLD_ENTRIES
  /// True if an unprivileged actor made the entry (map_usage).
  bool (*unprivileged)(const std::uint8_t* key, const std::uint8_t* value);
};

/// True if `entries` are so many that expiry should not wait.
bool IsNearlyFull(std::uint64_t entries, std::uint32_t capacity);

struct ExpirySweep {
  std::vector<map_usage> deleted;  // by map, in their order
  /// Events that were counted while their entry was deleted, without those of unwanted entries.
  std::uint64_t lost = 0;

  /// Entries of all maps.
  [[nodiscard]] std::uint64_t removed() const;
};

/// What expires.
struct ExpiryRules {
  std::uint64_t before_ns;                          // boot time: older entries are old
  std::function<bool(const device_ref&)> deleted;   // the device or namespace does not exist
  std::function<bool(const device_ref&)> unwanted;  // the configuration excludes it
};

/// Deletes entries that are unwanted, and old entries whose device is deleted. While a map is
/// nearly full, the oldest entries of deleted devices go even if they had events since then; and
/// while unprivileged actors have more than an eighth of it, their old entries go even if the
/// device exists. `maps` are the maps of one object: entries without a time are deleted when no
/// entry with a time has their device any more. Adds the namespaces of all other entries to
/// `in_use`.
ExpirySweep ExpireEntries(std::span<const ExpiringMap> maps, const ExpiryRules& rules,
                          std::set<NetnsId>& in_use);

}  // namespace netchange
