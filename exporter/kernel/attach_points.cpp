// SPDX-License-Identifier: Apache-2.0
#include "kernel/attach_points.h"

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

#include "kernel/mounts.h"

namespace netchange {
namespace {

constexpr char kSystemCalls[] = "events/syscalls";
constexpr ino_t kRootCgroup = 1;  // inode number of a kernfs root: kernfs_create_root()

// The mount is attached to no directory, so it is in no list of mounts.
Fd MountForMyself(const char* filesystem) {
  const Fd context(fsopen(filesystem, FSOPEN_CLOEXEC));
  if (!context || fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0)) return Fd();
  return Fd(fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
}

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

// `event`: "syscalls/sys_enter_ioctl".
Result<std::uint64_t> NumberOf(const Fd& tracefs, const std::string& event) {
  const Fd file(openat(tracefs.get(), ("events/" + event + "/id").c_str(), O_RDONLY | O_CLOEXEC));
  char text[24];
  const ssize_t size = file ? read(file.get(), text, sizeof(text)) : -1;
  if (size < 0) return SystemError("read the id of tracepoint " + event, errno);
  std::uint64_t number = 0;
  if (std::from_chars(text, text + size, number).ec != std::errc()) {
    return Error{"tracepoint " + event + " has no id"};
  }
  return number;
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

// Not bpf_program__attach_tracepoint(): it looks for tracefs where it is usually mounted only. It
// would find one in a mount namespace of this process, but there the names of namespaces
// (/run/netns) are those of a copy.
Result<BpfLink> AttachTracepoint(const bpf_program* program, const std::string& event) {
  const auto tracefs = OpenTracefs();
  if (!tracefs) return tracefs.error();
  const auto number = NumberOf(*tracefs, event);
  if (!number) return number.error();
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_TRACEPOINT;
  attributes.size = sizeof(attributes);
  attributes.config = *number;
  // The event of one CPU carries the program; the kernel runs it on all of them.
  Fd perf(
      static_cast<int>(syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC)));
  if (!perf) return SystemError("open tracepoint " + event, errno);
  BpfLink link(bpf_program__attach_perf_event(program, perf.get()));
  if (!link) return SystemError("attach to tracepoint " + event, errno);
  perf.Release();  // the link owns it now
  return link;
}

Result<BpfLink> AttachToRootCgroup(const bpf_program* program) {
  const auto root = OpenCgroupRoot();
  if (!root) return root.error();
  BpfLink link(bpf_program__attach_cgroup(program, root->get()));
  if (!link) return SystemError("attach to the root cgroup", errno);
  return link;
}

}  // namespace netchange
