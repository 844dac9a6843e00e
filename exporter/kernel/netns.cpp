// SPDX-License-Identifier: Apache-2.0
#include "kernel/netns.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <thread>

#include "kernel/proc.h"
#include "util/directory.h"
#include "util/fd.h"

namespace netchange {
namespace {

// The kernel's name of a namespace: "net:[4026531840]".
std::optional<std::uint32_t> InodeIn(std::string_view name) {
  constexpr std::string_view kBegin = "net:[";
  if (!name.starts_with(kBegin) || !name.ends_with(']')) return std::nullopt;
  name.remove_prefix(kBegin.size());
  name.remove_suffix(1);
  std::uint32_t inode = 0;
  const auto end = std::from_chars(name.data(), name.data() + name.size(), inode);
  if (end.ec != std::errc() || end.ptr != name.data() + name.size()) return std::nullopt;
  return inode;
}

std::optional<std::uint32_t> InodeOfLink(const std::string& path) {
  std::array<char, 64> name{};
  const ssize_t size = readlink(path.c_str(), name.data(), name.size());
  if (size <= 0) return std::nullopt;
  return InodeIn({name.data(), static_cast<std::size_t>(size)});
}

// Kernel threads, by their numbers. They are children of kthreadd, and in the same namespace. Other
// children are only programs that the kernel starts itself, such as a handler of core dumps.
std::set<std::string, std::less<>> KernelThreads(const std::string& proc) {
  if (!ProcShowsAllTasks(proc)) return {};
  const std::string kthreadd = std::to_string(kKthreadd);
  std::ifstream children(proc + "/" + kthreadd + "/task/" + kthreadd + "/children");
  return {std::istream_iterator<std::string>(children), {}};
}

}  // namespace

bool MayReadNetns(const std::string& proc) {
  return InodeOfLink(proc + "/" + std::to_string(kKthreadd) + "/ns/net").has_value();
}

std::vector<LiveNetns> MountedNetns(const std::vector<Mount>& mounts) {
  std::vector<LiveNetns> found;
  for (const Mount& mount : mounts) {
    if (const auto inode = InodeIn(mount.root)) found.push_back({*inode, mount.place});
  }
  return found;
}

std::vector<LiveNetns> ListNetns(const std::string& proc) {
  std::vector<LiveNetns> found;
  std::set<std::uint32_t> seen;
  const auto add = [&](std::uint32_t inode, const std::string& path) {
    if (seen.insert(inode).second) found.push_back({inode, path});
  };
  if (const auto inode = InodeOfLink(proc + "/self/ns/net")) add(*inode, proc + "/self/ns/net");
  for (const LiveNetns& mounted : MountedNetns(ReadMounts(proc))) add(mounted.inode, mounted.path);
  const auto kernel_threads = KernelThreads(proc);
  const Directory tasks(opendir(proc.c_str()));
  while (const dirent* task = tasks ? readdir(tasks.get()) : nullptr) {
    const bool is_process = std::isdigit(static_cast<unsigned char>(task->d_name[0])) != 0;
    if (!is_process || kernel_threads.contains(task->d_name)) continue;
    const std::string path = proc + "/" + task->d_name + "/ns/net";
    if (const auto inode = InodeOfLink(path)) add(*inode, path);
  }
  return found;
}

bool IsAlive(const LiveNetns& netns) {
  struct stat status {};
  return stat(netns.path.c_str(), &status) == 0 &&
         static_cast<std::uint32_t>(status.st_ino) == netns.inode;
}

Status RunInNetns(const LiveNetns& netns, const std::function<void()>& work) {
  const Fd fd(open(netns.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return SystemError("open network namespace " + netns.path, errno);
  struct stat status {};
  if (fstat(fd.get(), &status) || static_cast<std::uint32_t>(status.st_ino) != netns.inode)
    return Error{"network namespace " + netns.path + " was deleted"};
  if (InodeOfLink("/proc/thread-self/ns/net") == netns.inode) {
    work();
    return {};
  }
  int error = 0;
  std::thread([&] {
    if (setns(fd.get(), CLONE_NEWNET)) {
      error = errno;
      return;
    }
    work();
  }).join();
  if (error) return SystemError("enter network namespace " + netns.path, error);
  return {};
}

}  // namespace netchange
