// SPDX-License-Identifier: Apache-2.0
// Control groups for tests, in a mount of their own.
#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace netchange::test {

/// A hierarchy, mounted below /tmp. Other tests may use it at the same time, so all groups are
/// below one of this process, which is no unit. The destructor moves the process back, and removes
/// the groups and the mount.
class CgroupMount {
 public:
  enum class Version {
    kUnified,  // v2
    kSystemd,  // v1, "name=systemd"
  };
  explicit CgroupMount(Version version);
  ~CgroupMount();
  CgroupMount(const CgroupMount&) = delete;
  CgroupMount& operator=(const CgroupMount&) = delete;

  /// Why it is not mounted; empty if it is.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  /// Creates the group "/system.slice/a.service" if there is none. The destructor removes only what
  /// was created in its own process. Returns the group's inode number.
  std::uint64_t Create(const std::string& group);
  void Remove(const std::string& group);
  /// As Create(), and moves this process to it. False if that failed. "/" is the group of this
  /// process.
  bool Enter(const std::string& group);
  /// The whole path of a group.
  [[nodiscard]] std::string PathOf(const std::string& group) const;

 private:
  std::string directory_;
  std::string problem_;
  std::string home_;              // the path of the group where the process was
  std::string base_;              // the path of the group of this process
  std::set<std::string> groups_;  // created ones
};

}  // namespace netchange::test
