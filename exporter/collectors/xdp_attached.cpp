// SPDX-License-Identifier: Apache-2.0
#include "collectors/xdp_attached.h"

#include <algorithm>

#include "kernel/netns_cookie.h"
#include "util/log.h"
#include "util/text.h"

namespace netchange {
namespace {

device_ref DeviceOf(const XdpLink& link, std::uint32_t netns, std::uint32_t cookie) {
  device_ref device{};
  device.netns = netns;
  device.netns_cookie = cookie;
  CopyText(link.name, device.name);
  return device;
}

}  // namespace

void AddLinked(const std::vector<LinkedProgram>& linked, std::vector<AttachedProgram>& attached) {
  std::vector<AttachedProgram> added;
  for (const LinkedProgram& link : linked) {
    for (const AttachedProgram& caller : attached) {
      if (caller.program.id == link.target)
        added.push_back({caller.device, link.program, caller.mode, caller.ifindex,
                         std::string(TextIn(caller.program.name))});
    }
  }
  attached.insert(attached.end(), added.begin(), added.end());
}

std::map<std::uint32_t, CountedChanges> ChangesByNetns(const Entries<xdp_key, counter>& changes) {
  std::map<std::uint32_t, CountedChanges> counted;
  for (const auto& [key, counter] : changes) {
    if (key.error) continue;
    CountedChanges& at = counted[key.device.netns];
    at.count += counter.count;
    at.newest_ns = std::max<std::uint64_t>(at.newest_ns, counter.last_ns);
  }
  return counted;
}

std::int64_t CountAttached(const Entries<xdp_key, counter>& changes) {
  std::int64_t attached = 0;
  for (const auto& [key, counter] : changes) {
    const auto count = static_cast<std::int64_t>(counter.count);
    if (key.error || key.operation == XDP_OPERATION_REPLACE) continue;
    attached += key.operation == XDP_OPERATION_ATTACH ? count : -count;
  }
  return attached;
}

AttachedPrograms::AttachedPrograms() {
  ReadAll();
  missing_ = Missing({});
}

std::int64_t AttachedPrograms::Missing(const Entries<xdp_key, counter>& changes) const {
  return CountAttached(changes) - static_cast<std::int64_t>(All().size());
}

void AttachedPrograms::ReadAll() {
  places_.clear();
  found_.clear();
  read_.clear();
  names_.clear();
  indexes_.clear();
  complete_ = true;
  for (LiveNetns& netns : ListNetns()) {
    const auto at = places_.emplace(netns.inode, std::move(netns)).first;
    Read(at->second);
  }
}

void AttachedPrograms::ReportOnce(const std::string& reason) {
  if (std::exchange(reported_, true)) return;
  LogWarn("netchange_xdp_attached_info does not have every namespace", {{"reason", reason}});
}

bool AttachedPrograms::Read(const LiveNetns& netns) {
  Result<std::vector<XdpLink>> links = Error{""};
  std::uint32_t cookie = 0;
  found_.erase(netns.inode);
  const Status entered = RunInNetns(netns, [&] {
    links = ReadXdpLinks();
    cookie = OwnNetnsCookie();
  });
  if (!entered && !IsAlive(netns)) return false;
  if (!entered || !links) {
    complete_ = false;
    ReportOnce(entered ? links.error().message
                       : entered.error().message + " (needs CAP_SYS_ADMIN)");
    return true;
  }
  read_.emplace(netns.inode, cookie);
  Found found;
  for (const XdpLink& link : *links) {
    names_.insert({{netns.inode, cookie}, link.name});
    indexes_.insert({{netns.inode, cookie}, link.ifindex});
    for (std::size_t mode = 0; mode < link.programs.size(); ++mode) {
      if (!link.programs[mode]) continue;
      found.push_back(
          {{link.ifindex, link.from_upper && mode + XDP_MODE_ID_GENERIC == XDP_MODE_ID_NATIVE},
           {DeviceOf(link, netns.inode, cookie), ReadXdpProgram(link.programs[mode]),
            static_cast<std::uint8_t>(mode + XDP_MODE_ID_GENERIC), link.ifindex}});
    }
  }
  if (!found.empty()) found_[netns.inode] = std::move(found);
  return true;
}

bool AttachedPrograms::ReadSome(const std::set<std::uint32_t>& wanted,
                                const std::set<std::uint32_t>& changed) {
  for (const std::uint32_t inode : wanted) {
    Found before;
    if (const auto at = found_.find(inode); at != found_.end()) before = at->second;
    const auto place = places_.find(inode);
    if (place == places_.end() || !IsAlive(place->second) || !Read(place->second)) return false;
    if (changed.contains(inode)) continue;
    const Found& now = found_[inode];
    const bool all_there = std::all_of(before.begin(), before.end(), [&](const auto& old) {
      return std::any_of(now.begin(), now.end(),
                         [&](const auto& n) { return n.first.ifindex == old.first.ifindex; });
    });
    if (now.empty()) found_.erase(inode);
    if (!all_there) return false;
  }
  return true;
}

void AttachedPrograms::Refresh(const Entries<xdp_key, counter>& changes, std::uint64_t lost) {
  auto counted = ChangesByNetns(changes);
  std::set<std::uint32_t> changed, wanted;
  for (const auto& [inode, now] : counted) {
    const auto before = counted_.find(inode);
    if (before == counted_.end() || before->second != now) changed.insert(inode);
  }
  wanted = changed;
  for (const auto& [inode, found] : found_) wanted.insert(inode);
  const bool all = std::exchange(lost_, lost) != lost;
  counted_ = std::move(counted);
  if (all || !ReadSome(wanted, changed) || Missing(changes) > missing_) ReadAll();
  missing_ = Missing(changes);
}

bool AttachedPrograms::HasName(const device_ref& device) const {
  return names_.contains({{device.netns, device.netns_cookie}, std::string(TextIn(device.name))});
}

bool AttachedPrograms::HasIndex(const NetnsId& netns, std::uint32_t ifindex) const {
  return indexes_.contains({netns, ifindex});
}

std::vector<AttachedProgram> AttachedPrograms::All() const {
  std::vector<AttachedProgram> all;
  for (const auto& [inode, found] : found_) {
    for (const auto& [port, program] : found) all.push_back(program);
  }
  return all;
}

std::vector<std::pair<xdp_port, xdp_program>> AttachedPrograms::Ports() const {
  std::vector<std::pair<xdp_port, xdp_program>> ports;
  for (const auto& [inode, found] : found_) {
    for (const auto& [port, program] : found) {
      if (!port.from_upper) continue;
      ports.push_back({{inode, program.device.netns_cookie, port.ifindex}, program.program});
    }
  }
  return ports;
}

}  // namespace netchange
