// SPDX-License-Identifier: Apache-2.0
#include "collectors/xdp_state.h"

#include <algorithm>

#include <chrono>
#include <cstring>
#include <utility>

#include "kernel/clock.h"
#include "kernel/map_entry.h"
#include "kernel/map_upkeep.h"
#include "kernel/netns.h"
#include "util/log.h"
#include "util/text.h"

namespace netchange {
namespace {

bool HasFoldedDevice(const Entries<xdp_key, counter>& changes) {
  return std::any_of(changes.begin(), changes.end(),
                     [](const auto& change) { return change.first.device.netns == NETNS_MACHINE; });
}

bool NeedsDrivers(const BpfObject& object) {
  if (object.TracesSystemCalls()) return false;  // no function can be traced
  return !object.IsAttached("dev_xdp_install") || !object.IsAttached("netif_xdp_propagate");
}

// Null if driver functions need not be traced, or cannot be (then it is logged).
std::unique_ptr<DriverProbes> StartDrivers(const BpfObject& object,
                                           std::set<std::string> not_drivers) {
  if (!NeedsDrivers(object)) return nullptr;
  auto drivers = DriverProbes::Start(object, std::move(not_drivers));
  if (drivers) return std::move(*drivers);
  LogWarn(object.IsAttached("dev_xdp_install")
              ? "XDP programs that a bond passes to its ports are not counted"
              : "only generic XDP and refused requests are counted",
          {{"reason", drivers.error().message}});
  return nullptr;
}

}  // namespace

XdpState::XdpState(const BpfObject& object, std::set<std::string> not_drivers)
    : drivers_(StartDrivers(object, std::move(not_drivers))),
      syscall_backend_(object.TracesSystemCalls()) {
  if (syscall_backend_) {
    if (attached_.complete()) untraced_.emplace(attached_.All());
    return;
  }
  // The program of a port is known only from our own map.
  for (const auto& [port, program] : attached_.Ports())
    AddEntry(object.MapFd("xdp_ports"), port, program);
}

std::vector<ProbeState> XdpState::Probes() const {
  return drivers_ ? drivers_->Probes() : std::vector<ProbeState>();
}

bool XdpState::MayFindPrograms(const Entries<xdp_key, counter>& changes) {
  // Without the right to read all namespaces, each scrape has to note those that can be read.
  found_ =
      found_ || loaded_.AnyNew() || !changes.empty() || !attached_.All().empty() || !MayReadNetns();
  return found_;
}

std::vector<AttachedProgram> XdpState::Attached(BpfObject& object, const CombinedFilter& devices,
                                                Entries<xdp_key, counter>& changes) {
  if (syscall_backend_ && !MayFindPrograms(changes)) return {};
  const auto statistics = ReadStatistics(object);
  if (syscall_backend_)
    attached_.ReadAll();
  else
    attached_.Refresh(changes, statistics ? statistics->lost_updates : 0);
  auto programs = attached_.All();
  std::erase_if(programs, [&](const AttachedProgram& a) {
    return !devices.Takes(PrintableText(a.device.name));
  });
  if (untraced_ && attached_.complete()) {
    const std::chrono::nanoseconds now(BootNanoseconds());
    const auto* read = MayReadNetns() ? nullptr : &attached_.read();
    const auto counts = CountsByName(changes);
    NoteSeen(programs, counts);
    for (xdp_key& key : untraced_->Check(changes, programs, read, now)) {
      if (key.operation == XDP_OPERATION_DETACH && IsDeleted(key.device, counts))
        key.operation = XDP_OPERATION_DEVICE_DELETED;
      CountUntraced(object, key, changes);
    }
  }
  if (!programs.empty()) AddLinked(ReadLinkedPrograms(), programs);
  return programs;
}

XdpState::DeviceName XdpState::NameOf(const device_ref& device) {
  return {{device.netns, device.netns_cookie}, std::string(TextIn(device.name))};
}

std::map<XdpState::DeviceName, std::uint64_t> XdpState::CountsByName(
    const Entries<xdp_key, counter>& changes) {
  std::map<DeviceName, std::uint64_t> counts;
  for (const auto& [key, counter] : changes) {
    if (!key.error) counts[NameOf(key.device)] += counter.count;
  }
  return counts;
}

void XdpState::NoteSeen(const std::vector<AttachedProgram>& programs,
                        const std::map<DeviceName, std::uint64_t>& counts) {
  std::erase_if(seen_,
                [&](const auto& seen) { return !attached_.read().contains(seen.first.first); });
  for (const AttachedProgram& program : programs) {
    const auto counted = counts.find(NameOf(program.device));
    seen_[NameOf(program.device)] = {program.ifindex,
                                     counted == counts.end() ? 0 : counted->second};
  }
}

bool XdpState::IsDeleted(const device_ref& device,
                         const std::map<DeviceName, std::uint64_t>& counts) const {
  const auto seen = seen_.find(NameOf(device));
  const auto counted = counts.find(NameOf(device));
  if (seen == seen_.end() || (counted != counts.end() && counted->second != seen->second.counted))
    return !attached_.HasName(device);
  return !attached_.HasIndex(seen->first.first, seen->second.ifindex);
}

// No program writes to this key.
void XdpState::CountUntraced(BpfObject& object, const xdp_key& key,
                             Entries<xdp_key, counter>& changes) {
  const int map = object.MapFd("xdp_changes");
  const counter one = {1, static_cast<__u64>(BootNanoseconds())};
  counter value{};
  const bool is_new = !ReadEntry(map, key, value);
  value = {value.count + one.count, one.last_ns};
  // The change may be one of a folded key.
  if (HasFoldedDevice(changes) || !WriteEntry(map, key, value)) {
    object.CountLost(1);
    untraced_->GiveUp(key);
    return;
  }
  if (is_new) NoteAddedEntry(object);
  changes.emplace_back(key, one);
}

void HideUnknown(const object_settings& settings, Entries<xdp_key, counter>& changes) {
  for (auto& [key, counter] : changes) {
    if (!settings.label_comm) std::memset(key.actor.comm, 0, sizeof(key.actor.comm));
    if (!settings.label_parent_comm)
      std::memset(key.actor.parent_comm, 0, sizeof(key.actor.parent_comm));
  }
}

}  // namespace netchange
