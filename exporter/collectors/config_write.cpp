// SPDX-License-Identifier: Apache-2.0
// Shared by the collectors of configuration writes: sysctl, queues, interrupts and links.
#include "collectors/config_write.h"

#include <cstring>

#include "collectors/tables.h"
#include "collectors/value_text.h"

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
std::string DeviceOf(const Of& of, const RenderContext& context) {
  return of.kind == CONFIG_KIND_IRQ_AFFINITY ? context.irqs.Device(IrqOf(of))
                                             : PrintableText(of.device.name);
}
template <class Of>
std::string NetnsOf(const Of& of, const RenderContext& context) {
  return of.kind == CONFIG_KIND_IRQ_AFFINITY ? "" : context.netns.Name(of.device);
}

constexpr Label<Key> kOwnLabels[] = {
    {"kind", [](const Key& k, const RenderContext&) { return NameOf(kKinds, k.kind); }},
    {"setting", [](const Key& k, const RenderContext&) { return PrintableText(k.setting); }},
    {"queue", [](const Key& k, const RenderContext&) { return QueueOf(k); }},
    {"irq", [](const Key& k, const RenderContext&) { return IrqOf(k); }},
};
constexpr auto kLabels = [] {
  auto labels = WithCommonLabels(kOwnLabels);
  labels[0].value = DeviceOf<Key>;
  labels[1].value = NetnsOf<Key>;
  return labels;
}();
constexpr auto kErrorLabels = WithErrno(kLabels);

bool Every(const Key&, const Value&) { return true; }
bool Failed(const Key& k, const Value&) { return k.error != 0; }
bool Changed(const Key&, const Value& v) { return v.changes.count != 0; }
double Writes(const Value& v, const RenderContext& c) { return CountOf(v.writes, c); }
double Changes(const Value& v, const RenderContext& c) { return CountOf(v.changes, c); }
double NewestChange(const Value& v, const RenderContext& c) { return NewestOf(v.changes, c); }

constexpr Metric<Key, Value> kMetrics[] = {
    {"netchange_config_writes_total", "Writes to a network setting, failed ones included.",
     prometheus::MetricType::Counter, kLabels, Fold::kSum, Every, Writes},
    {"netchange_config_write_errors_total", "Failed writes to a network setting.",
     prometheus::MetricType::Counter, kErrorLabels, Fold::kSum, Failed, Writes},
    {"netchange_config_changes_total", "Writes that changed the value of a network setting.",
     prometheus::MetricType::Counter, kLabels, Fold::kSum, Every, Changes},
    {"netchange_config_last_change_timestamp_seconds",
     "Unix time of the newest change of a network setting.", prometheus::MetricType::Gauge, kLabels,
     Fold::kMax, Changed, NewestChange},
};

using ValueKey = config_value_key;

constexpr Label<ValueKey> kValueLabels[] = {
    {"kind", [](const ValueKey& k, const RenderContext&) { return NameOf(kKinds, k.kind); }},
    {"setting", [](const ValueKey& k, const RenderContext&) { return PrintableText(k.setting); }},
    {"device", DeviceOf<ValueKey>},
    {"netns", NetnsOf<ValueKey>},
    {"queue", [](const ValueKey& k, const RenderContext&) { return QueueOf(k); }},
    {"irq", [](const ValueKey& k, const RenderContext&) { return IrqOf(k); }},
};

// A CPU mask is not a number, even if it is written as "3".
bool IsMask(const ValueKey& k) {
  return k.kind == CONFIG_KIND_XPS || k.kind == CONFIG_KIND_IRQ_AFFINITY ||
         (k.kind == CONFIG_KIND_RPS && PrintableText(k.setting) == "rps_cpus");
}

constexpr Metric<ValueKey, config_value> kValueMetrics[] = {
    {"netchange_config_value",
     "Last number written to a network setting; absent for settings that are not a number.",
     prometheus::MetricType::Gauge, kValueLabels, Fold::kMax,
     [](const ValueKey& k, const config_value& v) {
       return !IsMask(k) && WrittenNumber(v).has_value();
     },
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

Status CollectConfigWrites(RunningCollector& collector, Scrape& scrape) {
  const BpfObject& object = *collector.object;
  const std::string name = object.name();
  auto writes = ReadCounts<Key, Value>(object, name + "_writes", scrape);
  if (!writes) return writes.error();
  const auto values = ReadCounts<ValueKey, config_value>(object, name + "_values", scrape);
  if (!values) return values.error();
  // The kernel side does not know an interrupt's device, so its filter is applied here. Interrupts
  // have no values.
  std::erase_if(*writes, [&](const auto& e) {
    return e.first.kind == CONFIG_KIND_IRQ_AFFINITY &&
           !collector.devices.Takes(DeviceOf(e.first, scrape.context));
  });
  RenderConfigWrites(*writes, *values, scrape.context, scrape.out);
  return {};
}

void RenderConfigWrites(const Entries<Key, Value>& writes,
                        const Entries<ValueKey, config_value>& values, const RenderContext& context,
                        FamilySet& out) {
  RenderAll<Key, Value>(kMetrics, writes, context, out);
  RenderAll<ValueKey, config_value>(kValueMetrics, values, context, out);
}

}  // namespace netchange
