// SPDX-License-Identifier: Apache-2.0
// Shared by the collectors of configuration writes: sysctl, queues, interrupts and links.
#include "collectors/config_write.h"

#include <algorithm>
#include <cstring>

#include "collectors/tables.h"
#include "collectors/value_text.h"
#include "kernel/clock.h"

namespace netchange {
namespace {

using Key = config_write_key;
using Value = config_write_counters;

constexpr NumberName kKinds[] = {{CONFIG_KIND_SYSCTL, "sysctl"},
                                 {CONFIG_KIND_RPS, "rps"},
                                 {CONFIG_KIND_XPS, "xps"},
                                 {CONFIG_KIND_IRQ_AFFINITY, "irq_affinity"},
                                 {CONFIG_KIND_LINK, "link"}};

// An interrupt's number or a queue's name, from a key or an event.
template <class Of>
std::string QueueOf(const Of& of) {
  return of.kind == CONFIG_KIND_IRQ_AFFINITY ? "" : PrintableText(of.object);
}
template <class Of>
std::string IrqOf(const Of& of) {
  return of.kind == CONFIG_KIND_IRQ_AFFINITY ? PrintableText(of.object) : "";
}

// Empty for interrupts: they belong to no namespace, and the kernel side does not know their
// device.
template <class Of>
void AppendDeviceOf(const Of& of, const RenderContext& context, LabelText& out) {
  if (of.kind == CONFIG_KIND_IRQ_AFFINITY)
    out.Append(context.irqs.Device(IrqOf(of)));
  else
    AppendDevice(of, context, out);
}
template <class Of>
void AppendNetnsOf(const Of& of, const RenderContext& context, LabelText& out) {
  if (of.kind != CONFIG_KIND_IRQ_AFFINITY) AppendNetns(of, context, out);
}
template <class Of>
void AppendKind(const Of& of, const RenderContext&, LabelText& out) {
  out.Append(NameOf(kKinds, of.kind));
}
template <class Of>
void AppendSetting(const Of& of, const RenderContext&, LabelText& out) {
  out.AppendPrintable(of.setting);
}
template <class Of>
void AppendQueue(const Of& of, const RenderContext&, LabelText& out) {
  if (of.kind != CONFIG_KIND_IRQ_AFFINITY) out.AppendPrintable(of.object);
}
template <class Of>
void AppendIrq(const Of& of, const RenderContext&, LabelText& out) {
  if (of.kind == CONFIG_KIND_IRQ_AFFINITY) out.AppendPrintable(of.object);
}

constexpr Label<Key> kOwnLabels[] = {{"kind", AppendKind<Key>},
                                     {"setting", AppendSetting<Key>},
                                     {"queue", AppendQueue<Key>},
                                     {"irq", AppendIrq<Key>}};
constexpr auto kLabels = [] {
  auto labels = WithCommonLabels(kOwnLabels);
  labels[0].append = AppendDeviceOf<Key>;
  labels[1].append = AppendNetnsOf<Key>;
  return labels;
}();

bool Failed(const Key& k, const Value&) { return k.error != 0; }
bool Changed(const Key&, const Value& v) { return v.changes.count != 0; }
std::uint64_t Writes(const Value& v) { return v.writes.count; }
std::uint64_t Changes(const Value& v) { return v.changes.count; }
double NewestChange(const Value& v, const RenderContext& c) { return NewestOf(v.changes, c); }

constexpr Metric<Key, Value> kMetrics[] = {
    {.name = "netchange_config_writes_total",
     .help = "Writes to a network setting, failed ones included.",
     .count = Writes},
    {.name = "netchange_config_write_errors_total",
     .help = "Failed writes to a network setting.",
     .by_errno = true,
     .takes = Failed,
     .count = Writes},
    {.name = "netchange_config_changes_total",
     .help = "Writes that changed the value of a network setting.",
     .count = Changes},
    {.name = "netchange_config_last_change_timestamp_seconds",
     .help = "Unix time of the newest change of a network setting.",
     .takes = Changed,
     .gauge = NewestChange},
};

using ValueKey = config_value_key;

constexpr Label<ValueKey> kValueLabels[] = {
    {"kind", AppendKind<ValueKey>},       {"setting", AppendSetting<ValueKey>},
    {"device", AppendDeviceOf<ValueKey>}, {"netns", AppendNetnsOf<ValueKey>},
    {"queue", AppendQueue<ValueKey>},     {"irq", AppendIrq<ValueKey>},
};

// A CPU mask is not a number, even if it is written as "3".
bool IsMask(const ValueKey& k) {
  return k.kind == CONFIG_KIND_XPS || k.kind == CONFIG_KIND_IRQ_AFFINITY ||
         (k.kind == CONFIG_KIND_RPS && TextIn(k.setting) == "rps_cpus");
}

constexpr Metric<ValueKey, config_value> kValueMetrics[] = {
    {.name = "netchange_config_value",
     .help = "Last number written to a network setting; absent for settings that are not a number.",
     .takes = [](const ValueKey& k,
                 const config_value& v) { return !IsMask(k) && WrittenNumber(v).has_value(); },
     .gauge =
         [](const config_value& v, const RenderContext&) {
           return static_cast<double>(WrittenNumber(v).value_or(0));
         }},
};

// The requested value if the write was refused, otherwise the kernel's value now.
const setting_value& NewValue(const event& e) {
  const config_event& config = e.config;
  const bool known =
      config.new_value.type != VALUE_UNKNOWN && config.new_value.type != VALUE_OPAQUE;
  return known && !e.error ? config.new_value : config.written;
}

// For programs: a number is a number, and an unknown value is none.
FieldValue Typed(const setting_value& value, std::string (*text)(const setting_value&)) {
  if (value.type == VALUE_UNKNOWN || value.type == VALUE_OPAQUE) return "";
  if (value.type != VALUE_INTEGER || text != ValueText) return text(value);
  std::int64_t number = 0;
  std::memcpy(&number, value.bytes, sizeof(number));
  return number;
}

}  // namespace

EventDescription DescribeConfigWrite(const event& e) { return DescribeConfigWrite(e, ValueText); }

EventDescription DescribeConfigWrite(const event& e, std::string (*text)(const setting_value&)) {
  const config_event& config = e.config;
  const std::string setting = PrintableText(config.setting);
  const bool changed = config.flags & CONFIG_EVENT_CHANGED;
  const bool every = config.flags & CONFIG_EVENT_EVERY_DEVICE;
  const std::string object = PrintableText(config.object), detail = PrintableText(config.detail);
  const std::string wanted = text(NewValue(e));
  std::string change = text(config.old_value) + " → " + (e.error ? '"' + wanted + '"' : wanted);
  if (every) change += " (changes every device of the namespace)";
  if (!changed && !e.error) change += " (unchanged)";
  std::string what = setting;
  for (const std::string& part : {object, detail}) what += part.empty() ? "" : " " + part;
  return {what,
          change,
          {{"kind", NameOf(kKinds, config.kind)},
           {"setting", setting},
           {"queue", QueueOf(config)},
           {"irq", IrqOf(config)},
           {"action", detail},
           {"old", Typed(config.old_value, text)},
           {"new", Typed(NewValue(e), text)},
           {"changed", changed},
           {"every_device", every}}};
}

void SettlePending(config_write_counters& counters, std::uint64_t now_ns) {
  const counter& pending = counters.pending;
  if (!pending.count || now_ns < pending.last_ns + 2 * PENDING_CHANGE_NS) return;
  ++counters.changes.count;
  counters.changes.last_ns = std::max(counters.changes.last_ns, pending.last_ns);
}

Status CollectConfigWrites(RunningCollector& collector, Scrape& scrape) {
  const BpfObject& object = *collector.object;
  const std::string name = object.name();
  // The kernel side does not know an interrupt's device, so its filter is applied here. Interrupts
  // have no values.
  const auto now = static_cast<std::uint64_t>(BootNanoseconds());
  Status writes =
      ReadRows(object, name + "_writes", ConfigWriteSchema(), scrape, [&](const Key& k, Value& v) {
        SettlePending(v, now);
        return k.kind != CONFIG_KIND_IRQ_AFFINITY ||
               collector.devices.Takes(scrape.context.irqs.Device(IrqOf(k)));
      });
  if (!writes) return writes;
  return ReadRows(object, name + "_values", ConfigValueSchema(), scrape);
}

const Schema<Key, Value>& ConfigWriteSchema() {
  static constexpr Schema<Key, Value> schema{kLabels, kMetrics, kErrno<Key>};
  return schema;
}

const Schema<ValueKey, config_value>& ConfigValueSchema() {
  static constexpr Schema<ValueKey, config_value> schema{kValueLabels, kValueMetrics};
  return schema;
}

}  // namespace netchange
