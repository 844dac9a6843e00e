// SPDX-License-Identifier: Apache-2.0
#include "bpf/abi/xdp.h"

#include <chrono>
#include <cstring>
#include <optional>

#include "collectors/render.h"
#include "collectors/tables.h"
#include "collectors/xdp_attached.h"
#include "collectors/xdp_unseen.h"
#include "kernel/clock.h"
#include "kernel/driver_probes.h"
#include "kernel/map_entry.h"
#include "kernel/netns_list.h"
#include "util/log.h"
#include "xdp.skel.h"

namespace netchange {
namespace {

using Key = xdp_key;

// Ports of a bond are told by a function of their own from 6.12 on. Before, and where there is no
// dev_xdp_install(), the drivers' functions are observed (kernel/driver_probes.h).
constexpr Hook kHooks[] = {
    {"dev_xdp_install", "dev_xdp_install", 6, Need::kEvents},
    {"generic_xdp_install", "generic_xdp_install", 2, Need::kEvents, "dev_xdp_install"},
    {"netif_xdp_propagate", "netif_xdp_propagate", 2, Need::kDetails},
    {"dev_xdp_propagate", "dev_xdp_propagate", 2, Need::kDetails, "netif_xdp_propagate"},
    {"dev_xdp_attach", "dev_xdp_attach", 6, Need::kEvents},
    {"bpf_xdp_link_update", "bpf_xdp_link_update", 3, Need::kDetails},
    {"do_trace_netlink_extack", "do_trace_netlink_extack", 1, Need::kDetails},
    SystemCall("sys_bpf"),
    SystemCall("sys_sendto"),
    SystemCall("sys_sendmsg"),
};

constexpr const char* kBySystemCalls =
    "no process name for closed links and deleted devices; no bond ports, no kernel message, no "
    "32-bit programs";

constexpr const char* kDriverPrograms[] = {"driver_kprobe", "driver_kretprobe", "module_load",
                                           "module_free"};

bool NeedsDrivers(const BpfObject& object) {
  if (object.Observes("sys_bpf")) return false;  // there, functions cannot be looked at
  return !object.Observes("dev_xdp_install") ||
         !(object.Observes("netif_xdp_propagate") || object.Observes("dev_xdp_propagate"));
}

// Null, and logged, where drivers cannot be observed or need not be.
std::unique_ptr<DriverProbes> StartDrivers(const BpfObject& object, std::set<std::string> skip) {
  if (!NeedsDrivers(object)) return nullptr;
  for (const Hook& hook : kHooks) skip.insert(hook.function);
  auto drivers = DriverProbes::Start(object, std::move(skip));
  if (drivers) return std::move(*drivers);
  LogWarn(object.Observes("dev_xdp_install")
              ? "XDP programs that a bond passes to its ports are not counted"
              : "only generic XDP and refused requests are counted",
          {{"reason", drivers.error().message}});
  return nullptr;
}

class XdpState : public CollectorState {
 public:
  XdpState(const BpfObject& object, const std::set<std::string>& skip)
      : drivers_(StartDrivers(object, skip)), by_system_calls_(object.Observes("sys_bpf")) {
    // A port's program is noted nowhere but in our own map.
    for (const auto& [port, program] : attached_.Ports())
      AddEntry(object.MapFd("xdp_ports"), port, program);
    if (by_system_calls_ && attached_.complete()) unseen_.emplace(attached_.All());
  }

  [[nodiscard]] std::vector<ProbeState> Probes() const override {
    return drivers_ ? drivers_->Probes() : std::vector<ProbeState>();
  }
  /// What is attached now, as far as the configuration wants it. Counts what no hook saw, and adds
  /// it to `changes`.
  std::vector<AttachedProgram> Attached(const BpfObject& object, Scrape& scrape,
                                        Entries<Key, counter>& changes) {
    const auto statistics = object.Statistics();
    if (by_system_calls_)
      attached_.ReadAll();
    else
      attached_.Refresh(changes, statistics ? statistics->lost_updates : 0);
    auto programs = attached_.All();
    std::erase_if(programs, [&](const AttachedProgram& a) {
      return !scrape.devices->Takes(PrintableText(a.device.name));
    });
    if (unseen_ && attached_.complete()) {
      const std::chrono::nanoseconds now(BootNanoseconds());
      const auto* read = MayReadNetns() ? nullptr : &attached_.read();
      for (const Key& key : unseen_->Look(changes, programs, read, now))
        CountUnseen(object, key, scrape, changes);
    }
    return programs;
  }

 private:
  // Nobody else writes to this key.
  void CountUnseen(const BpfObject& object, const Key& key, Scrape& scrape,
                   Entries<Key, counter>& changes) {
    const int map = object.MapFd("xdp_changes");
    const counter one = {1, static_cast<__u64>(BootNanoseconds())};
    counter value{};
    ReadEntry(map, key, value);
    value = {value.count + one.count, one.last_ns};
    if (!WriteEntry(map, key, value)) {
      ++scrape.lost_updates;
      unseen_->GiveUp(key);
      return;
    }
    changes.emplace_back(key, one);
  }

  const std::unique_ptr<DriverProbes> drivers_;
  const bool by_system_calls_;
  AttachedPrograms attached_;  // looked at after the probes are there, so that no change is between
  std::optional<UnseenChanges> unseen_;  // by system calls, if all that was there could be seen
};

std::unique_ptr<CollectorState> StartXdp(const BpfObject& object,
                                         const std::set<std::string>& skip) {
  return std::make_unique<XdpState>(object, skip);
}

constexpr NumberName kOperations[] = {
    {XDP_OPERATION_ATTACH, "attach"},
    {XDP_OPERATION_REPLACE, "replace"},
    {XDP_OPERATION_DETACH, "detach"},
};

constexpr NumberName kModes[] = {
    {XDP_MODE_ID_GENERIC, "generic"},
    {XDP_MODE_ID_NATIVE, "native"},
    {XDP_MODE_ID_OFFLOAD, "offload"},
};

constexpr Label<Key> kOwnLabels[] = {
    {"operation",
     [](const Key& k, const RenderContext&) { return NameOf(kOperations, k.operation); }},
    {"mode", [](const Key& k, const RenderContext&) { return NameOf(kModes, k.mode); }},
    {"program", [](const Key& k, const RenderContext&) { return PrintableText(k.program); }},
};
constexpr auto kLabels = WithCommonLabels(kOwnLabels);
constexpr auto kErrorLabels = WithErrno(kLabels);

// As bpftool prints it; empty if it is not known.
std::string TagText(const xdp_program& program) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  bool known = false;
  for (const __u8 byte : program.tag) {
    known = known || byte;
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return known ? text : "";
}

bool Succeeded(const Key& k, const counter&) { return k.error == 0; }
bool Failed(const Key& k, const counter&) { return k.error != 0; }

constexpr Metric<Key, counter> kMetrics[] = {
    {"netchange_xdp_changes_total",
     "Successful attaches, replacements and detaches of XDP programs.",
     prometheus::MetricType::Counter, kLabels, Fold::kSum, Succeeded, CountOf},
    {"netchange_xdp_change_errors_total",
     "Failed attempts to attach, replace or detach an XDP program.",
     prometheus::MetricType::Counter, kErrorLabels, Fold::kSum, Failed, CountOf},
    {"netchange_xdp_last_change_timestamp_seconds", "Unix time of the newest XDP change.",
     prometheus::MetricType::Gauge, kLabels, Fold::kMax, Succeeded, NewestOf},
};

constexpr Label<AttachedProgram> kAttachedLabels[] = {
    {"device",
     [](const AttachedProgram& a, const RenderContext&) { return PrintableText(a.device.name); }},
    {"netns",
     [](const AttachedProgram& a, const RenderContext& c) { return c.netns.Name(a.device); }},
    {"mode", [](const AttachedProgram& a, const RenderContext&) { return NameOf(kModes, a.mode); }},
    {"program",
     [](const AttachedProgram& a, const RenderContext&) { return PrintableText(a.program.name); }},
    {"program_id",
     [](const AttachedProgram& a, const RenderContext&) { return std::to_string(a.program.id); }},
    {"tag", [](const AttachedProgram& a, const RenderContext&) { return TagText(a.program); }},
};

// The actors of what was unseen, where the configuration wants none: in the map these keys are only
// ours, because user space cannot add to a value that a program may change.
void HideUnknown(const collector_settings& settings, Entries<Key, counter>& changes) {
  for (auto& [key, counter] : changes) {
    if (!settings.label_comm) std::memset(key.actor.comm, 0, sizeof(key.actor.comm));
    if (!settings.label_parent_comm)
      std::memset(key.actor.parent_comm, 0, sizeof(key.actor.parent_comm));
  }
}

Status Collect(const BpfObject& object, Scrape& scrape) {
  auto entries = ReadCounts<Key, counter>(object, "xdp_changes", scrape);
  if (!entries) return entries.error();
  auto* state = static_cast<XdpState*>(scrape.state);
  const auto attached = state->Attached(object, scrape, *entries);
  HideUnknown(object.settings(), *entries);
  RenderXdp(*entries, scrape.context, scrape.out);
  RenderXdpAttached(attached, scrape.context, scrape.out);
  return {};
}

std::string NameAndId(const xdp_program& program) {
  return program.id ? PrintableText(program.name) + "#" + std::to_string(program.id) : "none";
}

std::string IdText(const xdp_program& program) {
  return program.id ? std::to_string(program.id) : "";
}

EventDescription Describe(const event& e) {
  const std::string operation = NameOf(kOperations, e.xdp.operation);
  const std::string mode = NameOf(kModes, e.xdp.mode);
  return {"xdp " + operation + " " + mode,
          NameAndId(e.xdp.before) + " → " + NameAndId(e.xdp.after),
          {{"operation", operation},
           {"mode", mode},
           {"old_program", PrintableText(e.xdp.before.name)},
           {"old_program_id", IdText(e.xdp.before)},
           {"old_program_tag", TagText(e.xdp.before)},
           {"new_program", PrintableText(e.xdp.after.name)},
           {"new_program_id", IdText(e.xdp.after)},
           {"new_program_tag", TagText(e.xdp.after)}},
          PrintableText(e.xdp.message)};
}

}  // namespace

void RenderXdp(const Entries<xdp_key, counter>& changes, const RenderContext& context,
               FamilySet& out) {
  RenderAll<Key, counter>(kMetrics, changes, context, out);
}

void RenderXdpAttached(const std::vector<AttachedProgram>& attached, const RenderContext& context,
                       FamilySet& out) {
  auto& family =
      out.Family("netchange_xdp_attached_info", "1 for each XDP program that is attached now.",
                 prometheus::MetricType::Gauge);
  const std::span<const Label<AttachedProgram>> labels = kAttachedLabels;
  for (const AttachedProgram& program : attached)
    FamilySet::AddSample(family, Named(labels, ValuesOf(labels, program, context)), 1);
}

const CollectorSpec& XdpCollector() {
  static const CollectorSpec spec{"xdp",       "XDP programs attached, replaced and detached",
                                  ELF_OF(xdp), kHooks,
                                  Collect,     EVENT_XDP,
                                  Describe,    kDriverPrograms,
                                  StartXdp,    kBySystemCalls};
  return spec;
}

}  // namespace netchange
