// SPDX-License-Identifier: Apache-2.0
#include "cgroups.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace netchange::test {
namespace {

namespace fs = std::filesystem;

// The line "0::/group", or "9:name=systemd:/group", of /proc/self/cgroup.
std::string OwnGroup(const std::string& hierarchy) {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const auto at = line.find(":" + hierarchy + ":");
    if (at != std::string::npos) return line.substr(at + hierarchy.size() + 2);
  }
  return "/";
}

bool MoveTo(const std::string& directory) {
  std::ofstream file(directory + "/cgroup.procs");
  file << "0" << std::flush;
  return static_cast<bool>(file);
}

}  // namespace

CgroupMount::CgroupMount(Version version) {
  const bool unified = version == Version::kUnified;
  const std::string hierarchy = unified ? "" : "name=systemd";
  home_ = OwnGroup(hierarchy);
  base_ = "/netchange-" + std::to_string(getpid());
  char name[] = "/tmp/netchange-cgroup-XXXXXX";
  directory_ = mkdtemp(name);
  const int failed = unified ? mount("none", directory_.c_str(), "cgroup2", 0, nullptr)
                             : mount("none", directory_.c_str(), "cgroup", 0, "none,name=systemd");
  if (failed) problem_ = std::string("mount cgroups: ") + std::strerror(errno);
}

CgroupMount::~CgroupMount() {
  if (problem_.empty()) {
    MoveTo(directory_ + home_);
    // A longer path comes first: it may be in a shorter one.
    for (auto group = groups_.rbegin(); group != groups_.rend(); ++group)
      rmdir((directory_ + *group).c_str());
    umount2(directory_.c_str(), MNT_DETACH);
  }
  rmdir(directory_.c_str());
}

std::uint64_t CgroupMount::Create(const std::string& group) {
  std::string path;
  for (const fs::path& part : fs::path(PathOf(group)).relative_path()) {
    path += "/" + part.string();
    if (fs::create_directory(directory_ + path)) groups_.insert(path);
  }
  struct stat status {};
  return stat((directory_ + path).c_str(), &status) ? 0 : status.st_ino;
}

void CgroupMount::Remove(const std::string& group) {
  rmdir((directory_ + PathOf(group)).c_str());
  groups_.erase(PathOf(group));
}

bool CgroupMount::Enter(const std::string& group) {
  if (!problem_.empty()) return false;
  Create(group);
  return MoveTo(directory_ + PathOf(group));
}

std::string CgroupMount::PathOf(const std::string& group) const {
  return group == "/" ? base_ : base_ + group;
}

}  // namespace netchange::test
