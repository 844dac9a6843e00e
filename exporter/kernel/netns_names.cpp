// SPDX-License-Identifier: Apache-2.0
#include "kernel/netns_names.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <ctime>
#include <filesystem>
#include <string_view>
#include <utility>

#include "kernel/proc.h"
#include "util/text.h"

namespace netchange {
namespace {

std::uint32_t InodeOf(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? static_cast<std::uint32_t>(status.st_ino) : 0;
}

// `ip netns add` creates a plain file, and mounts the namespace over it a moment later.
bool IsNamespace(const std::string& path) {
  struct statfs status {};
  return statfs(path.c_str(), &status) == 0 && status.f_type == NSFS_MAGIC;
}

constexpr std::int64_t kSecond = 1'000'000'000;
// Files that change in the same tick of the kernel have the same modification time. A tick is at
// most 10 ms.
constexpr std::int64_t kTicks = kSecond / 50;

std::int64_t Nanoseconds(const timespec& time) { return time.tv_sec * kSecond + time.tv_nsec; }

// 0 if there is no such directory.
std::int64_t ModificationTime(const std::string& directory) {
  struct stat status {};
  return stat(directory.c_str(), &status) == 0 ? Nanoseconds(status.st_mtim) : 0;
}

// The clock of modification times.
std::int64_t CoarseTime() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return Nanoseconds(now);
}

// "cni-" of CNI and "netns-" of Podman with a UUID; "4f2a9c0d1e3b" of Docker.
bool IsRandomId(std::string_view name) {
  constexpr std::size_t kUuid = 36, kDockerId = 12;
  constexpr std::string_view kDigits = "0123456789", kHexadecimal = "0123456789abcdef-";
  for (const std::string_view prefix : {"cni-", "netns-"}) {
    if (name.starts_with(prefix) && name.size() == prefix.size() + kUuid)
      return name.find_first_not_of(kHexadecimal, prefix.size()) == std::string_view::npos;
  }
  return name.size() == kDockerId && name.find('-') == std::string_view::npos &&
         name.find_first_not_of(kHexadecimal) == std::string_view::npos &&
         name.find_first_of(kDigits) != std::string_view::npos &&
         name.find_first_not_of(kDigits) != std::string_view::npos;
}

}  // namespace

NetnsNames::NetnsNames(std::string directory, std::uint32_t initial)
    : directory_(std::move(directory)), initial_(initial) {}

std::uint32_t NetnsNames::InitialNetns() {
  const std::uint32_t inode =
      ProcShowsAllTasks() ? InodeOf("/proc/" + std::to_string(kKthreadd) + "/ns/net") : 0;
  return inode ? inode : InodeOf("/proc/1/ns/net");
}

void NetnsNames::Walk() {
  const std::int64_t changed_ns = ModificationTime(directory_);
  if (settled_ && changed_ns == changed_ns_) return;
  changed_ns_ = changed_ns;
  settled_ = CoarseTime() - changed_ns > kTicks;
  listing_.clear();
  pending_.clear();
  ++walks_;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    const std::string path = entry.path().string();
    if (IsNamespace(path))
      listing_.try_emplace(InodeOf(path), entry.path().filename().string());
    else
      pending_.push_back(entry.path().filename().string());
  }
}

std::string NetnsNames::Find(std::uint32_t inode) {
  Walk();
  if (const auto found = listing_.find(inode); found != listing_.end())
    return PrintableText(found->second);
  for (const std::string& name : pending_) {
    const std::string path = directory_ + "/" + name;
    if (InodeOf(path) == inode && IsNamespace(path)) return PrintableText(name);
  }
  return std::to_string(inode);
}

std::string NetnsNames::NameOrId(const device_ref& device) {
  if (device.netns == 0) return "unknown";
  if (device.netns == initial_ || device.netns == NETNS_MACHINE) return "";
  return Known(device);
}

std::string NetnsNames::Name(const device_ref& device) {
  std::string name = NameOrId(device);
  return IsRandomId(name) ? std::to_string(device.netns) : name;
}

std::string NetnsNames::Known(const device_ref& device) {
  const std::lock_guard lock(mutex_);
  const auto [at, is_new] = names_.try_emplace({device.netns, device.netns_cookie});
  if (is_new) at->second = Find(device.netns);
  return at->second;
}

void NetnsNames::KeepOnly(const std::set<NetnsId>& in_use) {
  const std::lock_guard lock(mutex_);
  std::erase_if(names_, [&](const auto& name) { return !in_use.contains(name.first); });
}

}  // namespace netchange
