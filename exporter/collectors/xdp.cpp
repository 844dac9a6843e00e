// SPDX-License-Identifier: Apache-2.0
#include "collectors/xdp.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <set>
#include <utility>

#include "collectors/running_collector.h"
#include "collectors/scrape.h"
#include "collectors/tables.h"
#include "collectors/xdp_state.h"

namespace netchange {
namespace {

using Key = xdp_key;

// From 6.12 on, a function of its own passes programs to the ports of a bond. Before, and without
// dev_xdp_install(), the drivers' functions are hooked (kernel/driver_probes.h).
constexpr Hook kHooks[] = {
    Function("dev_xdp_install", 6),
    Function("generic_xdp_install", 2).Unless("dev_xdp_install"),
    Detail("netif_xdp_propagate", 2).Formerly("dev_xdp_propagate"),
    Function("dev_xdp_attach", 6),
    Detail("bpf_xdp_link_update", 3),
    Detail("do_trace_netlink_extack", 1).At(Ends::kEntry),
};

constexpr SyscallHook kSystemCalls[] = {
    {"bpf"}, kSendto, kSendmsg, kSendmmsg, {"write"}, kWritev,
};

constexpr const char* kBySystemCalls =
    "no process name for closed links and deleted devices; no bond ports, no kernel message, no "
    "32-bit programs";

constexpr ObjectMap kMaps[] = {{"xdp_changes", Holds::kCounter}, {"xdp_calls", Holds::kCalls}};

constexpr const char* kDriverPrograms[] = {"driver_kprobe", "driver_kretprobe", "module_load",
                                           "module_free"};

// Functions in the table are not drivers' functions, though some have the same prototype.
std::unique_ptr<CollectorState> StartXdp(const BpfObject& object,
                                         const std::set<std::string>& skip) {
  std::set<std::string> not_drivers = skip;
  for (const Hook& hook : kHooks) {
    for (const char* function : hook.functions) {
      if (function) not_drivers.insert(function);
    }
  }
  return std::make_unique<XdpState>(object, std::move(not_drivers));
}

constexpr NumberName kOperations[] = {
    {XDP_OPERATION_ATTACH, "attach"},
    {XDP_OPERATION_REPLACE, "replace"},
    {XDP_OPERATION_DETACH, "detach"},
    {XDP_OPERATION_DEVICE_DELETED, "device_deleted"},
};

constexpr NumberName kModes[] = {
    {XDP_MODE_ID_GENERIC, "generic"},
    {XDP_MODE_ID_NATIVE, "native"},
    {XDP_MODE_ID_OFFLOAD, "offload"},
};

constexpr Label<Key> kOwnLabels[] = {
    {"operation", [](const Key& k, const RenderContext&,
                     LabelText& out) { out.Append(NameOf(kOperations, k.operation)); }},
    {"mode", [](const Key& k, const RenderContext&,
                LabelText& out) { out.Append(NameOf(kModes, k.mode)); }},
    {"program",
     [](const Key& k, const RenderContext&, LabelText& out) { out.AppendPrintable(k.program); }},
};
constexpr auto kLabels = WithCommonLabels(kOwnLabels);

// As bpftool prints it; empty if unknown.
std::string TagText(const xdp_program& program) {
  const bool known = std::any_of(std::begin(program.tag), std::end(program.tag),
                                 [](__u8 byte) { return byte != 0; });
  return known ? fmt::format("{:02x}", fmt::join(program.tag, "")) : "";
}

bool Succeeded(const Key& k, const counter&) { return k.error == 0; }
bool Failed(const Key& k, const counter&) { return k.error != 0; }

constexpr Metric<Key, counter> kMetrics[] = {
    {.name = "netchange_xdp_changes_total",
     .help = "XDP programs attached, replaced, detached, or deleted with their device.",
     .takes = Succeeded,
     .count = CountOf},
    {.name = "netchange_xdp_change_errors_total",
     .help = "Failed attempts to attach, replace or detach an XDP program.",
     .by_errno = true,
     .takes = Failed,
     .count = CountOf},
    {.name = "netchange_xdp_last_change_timestamp_seconds",
     .help = "Unix time of the newest XDP change.",
     .takes = Succeeded,
     .gauge = NewestOf},
    {.name = "netchange_xdp_last_change_error_timestamp_seconds",
     .help = "Unix time of the newest failed attempt to change an XDP program.",
     .by_errno = true,
     .takes = Failed,
     .gauge = NewestOf},
};

using Attached = AttachedProgram;

constexpr Label<Attached> kAttachedLabels[] = {
    {"device", AppendDevice<Attached>},
    {"netns", AppendNetns<Attached>},
    {"mode", [](const Attached& a, const RenderContext&,
                LabelText& out) { out.Append(NameOf(kModes, a.mode)); }},
    {"program", [](const Attached& a, const RenderContext&,
                   LabelText& out) { out.AppendPrintable(a.program.name); }},
    {"program_id", [](const Attached& a, const RenderContext&,
                      LabelText& out) { out.Append(std::to_string(a.program.id)); }},
    {"tag", [](const Attached& a, const RenderContext&,
               LabelText& out) { out.Append(TagText(a.program)); }},
    {"dispatcher", [](const Attached& a, const RenderContext&,
                      LabelText& out) { out.AppendPrintable(a.dispatcher); }},
};

constexpr Metric<Attached, NoValue> kAttachedMetrics[] = {
    {.name = "netchange_xdp_attached_info",
     .help = "1 for each XDP program that is attached now.",
     .gauge = [](const NoValue&, const RenderContext&) { return 1.0; }},
};

Status Collect(RunningCollector& collector, Scrape& scrape) {
  auto entries = ReadCounts<Key, counter>(*collector.object, "xdp_changes", scrape);
  if (!entries) return entries.error();
  auto& state = static_cast<XdpState&>(*collector.state);
  Entries<Attached, NoValue> attached;
  for (const Attached& program : state.Attached(*collector.object, collector.devices, *entries)) {
    if (IsWanted(program.device, scrape)) attached.emplace_back(program, NoValue{});
  }
  std::erase_if(*entries, [&](const auto& e) { return !IsWanted(e.first.device, scrape); });
  HideUnknown(collector.object->settings(), *entries);
  AddEntries(XdpSchema(), *entries, scrape.context, scrape.out, scrape.collector);
  AddEntries(XdpAttachedSchema(), attached, scrape.context, scrape.out, scrape.collector);
  return {};
}

std::string NameAndId(const xdp_program& program) {
  return program.id ? PrintableText(program.name) + "#" + std::to_string(program.id) : "none";
}

FieldValue IdOf(const xdp_program& program) {
  if (!program.id) return "";
  return std::int64_t{program.id};
}

EventDescription Describe(const event& e) {
  const std::string operation = NameOf(kOperations, e.xdp.operation);
  const std::string mode = NameOf(kModes, e.xdp.mode);
  return {"xdp " + operation + " " + mode,
          NameAndId(e.xdp.before) + " → " + NameAndId(e.xdp.after),
          {{"operation", operation},
           {"mode", mode},
           {"old_program", PrintableText(e.xdp.before.name)},
           {"old_program_id", IdOf(e.xdp.before)},
           {"old_program_tag", TagText(e.xdp.before)},
           {"new_program", PrintableText(e.xdp.after.name)},
           {"new_program_id", IdOf(e.xdp.after)},
           {"new_program_tag", TagText(e.xdp.after)}},
          PrintableText(e.xdp.message)};
}

}  // namespace

const Schema<Key, counter>& XdpSchema() {
  static constexpr Schema<Key, counter> schema{kLabels, kMetrics, kErrno<Key>};
  return schema;
}

const Schema<Attached, NoValue>& XdpAttachedSchema() {
  static constexpr Schema<Attached, NoValue> schema{kAttachedLabels, kAttachedMetrics};
  return schema;
}

const CollectorSpec& XdpCollector() {
  static const CollectorSpec spec{.name = "xdp",
                                  .help = "XDP programs attached, replaced and detached",
                                  .hooks = kHooks,
                                  .system_calls = kSystemCalls,
                                  .maps = kMaps,
                                  .filters = Filters::kDevices,
                                  .collect = Collect,
                                  .describe = Describe,
                                  .programs = kDriverPrograms,
                                  .start = StartXdp,
                                  .syscall_limits = kBySystemCalls};
  return spec;
}

}  // namespace netchange
