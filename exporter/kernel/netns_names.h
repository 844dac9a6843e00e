// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "bpf/abi/device.h"
#include "kernel/netns.h"

namespace netchange {

/// Names of network namespaces. Thread-safe.
///
/// The name of a namespace is looked up once and then kept: a series must not change its labels
/// because the namespace was deleted, or its number reused, after the event.
class NetnsNames {
 public:
  /// `directory`: where `ip netns` keeps names. `initial`: inode number of the initial namespace, 0
  /// if unknown.
  explicit NetnsNames(std::string directory = "/run/netns", std::uint32_t initial = InitialNetns());

  /// For labels. Empty for the initial namespace and for machine-wide settings (NETNS_MACHINE);
  /// else the name of the namespace, or its inode number if it has none, or only a random id of a
  /// container engine. "unknown" for number 0.
  std::string Name(const device_ref& device);
  /// For events: the same, and random ids are names.
  std::string NameOrId(const device_ref& device);

  /// True for the initial namespace.
  [[nodiscard]] bool IsInitial(const device_ref& device) const { return device.netns == initial_; }

  /// Forgets the names of all namespaces that are not in `in_use`.
  void KeepOnly(const std::set<NetnsId>& in_use);

  /// How often the directory was read.
  [[nodiscard]] std::size_t walks() const { return walks_; }

  /// Inode of the initial namespace: that of kernel threads if /proc shows them, else that of
  /// process 1. 0 if it may not be read.
  static std::uint32_t InitialNetns();

 private:
  // As NameOrId(), for a namespace that is not the initial one.
  std::string Known(const device_ref& device);
  // The name of the namespace that has this inode number now.
  [[nodiscard]] std::string Find(std::uint32_t inode);
  // Reads the directory if it changed since, so that many unknown namespaces cost one walk.
  void Walk();

  const std::string directory_;
  const std::uint32_t initial_;
  std::mutex mutex_;
  std::map<NetnsId, std::string> names_;
  // The directory as last read.
  std::map<std::uint32_t, std::string> listing_;  // names by inode number
  std::vector<std::string> pending_;              // names that were no namespaces yet
  std::int64_t changed_ns_ = 0;                   // its modification time
  bool settled_ = false;                          // a later change has another modification time
  std::size_t walks_ = 0;
};

}  // namespace netchange
