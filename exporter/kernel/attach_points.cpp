// SPDX-License-Identifier: Apache-2.0
#include "kernel/attach_points.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "kernel/mounts.h"

namespace netchange {
namespace {

constexpr char kSystemCalls[] = "events/syscalls";
constexpr ino_t kRootCgroup = 1;  // inode number of a kernfs root: kernfs_create_root()

Fd OpenDirectory(const std::string& path) {
  return Fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::vector<std::string> PlacesOf(const std::string& filesystem) {
  std::vector<std::string> places;
  for (const Mount& mount : ReadMounts()) {
    if (mount.type == filesystem) places.push_back(mount.place);
  }
  return places;
}

bool HasSystemCalls(const Fd& tracefs) {
  return faccessat(tracefs.get(), kSystemCalls, X_OK, 0) == 0;
}

bool IsRootCgroup(const Fd& directory) {
  struct stat status {};
  return fstat(directory.get(), &status) == 0 && status.st_ino == kRootCgroup;
}

}  // namespace

Result<Fd> OpenTracefs() {
  for (const std::string& place : PlacesOf("tracefs")) {
    Fd tracefs = OpenDirectory(place);
    if (tracefs && HasSystemCalls(tracefs)) return tracefs;
  }
  Fd tracefs = MountForMyself("tracefs");
  if (!tracefs) {
    return SystemError(
        "no tracefs: it is not mounted, or this user may not read it, and this process may not "
        "mount it; run as root, or mount -t tracefs nodev /sys/kernel/tracing",
        errno);
  }
  if (HasSystemCalls(tracefs)) return tracefs;
  if (errno == EACCES)
    return Error{"this user may not read tracefs; run as root, or with CAP_DAC_READ_SEARCH"};
  return Error{"this kernel has no system-call tracepoints (CONFIG_FTRACE_SYSCALLS)"};
}

Result<Fd> OpenCgroupRoot() {
  for (const std::string& place : PlacesOf("cgroup2")) {
    Fd root = OpenDirectory(place);
    if (root && IsRootCgroup(root)) return root;
  }
  Fd root = MountForMyself("cgroup2");
  if (!root) {
    return SystemError(
        "no cgroup v2: it is not mounted, and this process may not mount it; run as root, or "
        "mount -t cgroup2 nodev /sys/fs/cgroup/unified",
        errno);
  }
  if (IsRootCgroup(root)) return root;
  return Error{
      "this process is in a cgroup namespace of its own, where only its own writes are visible; "
      "give "
      "it the host's (docker run --cgroupns=host)"};
}

Fd OpenDebugfs() {
  for (const std::string& place : PlacesOf("debugfs")) {
    if (Fd debugfs = OpenDirectory(place)) return debugfs;
  }
  return MountForMyself("debugfs");
}

}  // namespace netchange
