// SPDX-License-Identifier: Apache-2.0
#include "bpf/xdp.h"

#include "collectors/render.h"
#include "collectors/tables.h"
#include "xdp.skel.h"

namespace netchange {
namespace {

using Key = xdp_key;

constexpr Hook kHooks[] = {
    {"dev_xdp_install", "dev_xdp_install", 6, Need::kEvents},
    {"dev_xdp_attach", "dev_xdp_attach", 6, Need::kEvents},
};

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

bool Succeeded(const Key& k, const counter&) { return k.error == 0; }
bool Failed(const Key& k, const counter&) { return k.error != 0; }

constexpr Metric<Key, counter> kMetrics[] = {
    {"netchange_xdp_changes_total", "XDP programs that were attached, replaced or detached.",
     prometheus::MetricType::Counter, kLabels, Fold::kSum, Succeeded, CountOf},
    {"netchange_xdp_change_errors_total",
     "Attempts to attach, replace or detach an XDP program that failed.",
     prometheus::MetricType::Counter, kErrorLabels, Fold::kSum, Failed, CountOf},
    {"netchange_xdp_last_change_timestamp_seconds",
     "Unix time of the newest such change of an XDP program.", prometheus::MetricType::Gauge,
     kLabels, Fold::kMax, Succeeded, NewestOf},
};

Status Collect(const BpfObject& object, Scrape& scrape) {
  const auto entries = ReadCounts<Key, counter>(object, "xdp_changes", scrape);
  if (!entries) return entries.error();
  RenderXdp(*entries, scrape.context, scrape.out);
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
           {"new_program", PrintableText(e.xdp.after.name)},
           {"new_program_id", IdText(e.xdp.after)}}};
}

}  // namespace

void RenderXdp(const Entries<xdp_key, counter>& changes, const RenderContext& context,
               FamilySet& out) {
  RenderAll<Key, counter>(kMetrics, changes, context, out);
}

const CollectorSpec& XdpCollector() {
  static const CollectorSpec spec{"xdp",       "XDP programs attached, replaced and detached",
                                  ELF_OF(xdp), kHooks,
                                  Collect,     EVENT_XDP,
                                  Describe};
  return spec;
}

}  // namespace netchange
