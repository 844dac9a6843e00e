// SPDX-License-Identifier: Apache-2.0
#include "collectors/ethtool.h"

#include "collectors/ethtool_names.h"
#include "collectors/running_collector.h"
#include "collectors/scrape.h"
#include "collectors/tables.h"

namespace netchange {
namespace {

using Key = ethtool_key;

constexpr Hook kHooks[] = {
    Function("dev_ethtool", 3),
    Function("dev_ethtool", 2).Named("dev_ethtool_2"),
    Detail("__dev_get_by_name", 2).At(Ends::kExit),
    Detail("netdev_get_by_name", 4).At(Ends::kExit),
    Function("genl_rcv_msg", 3),
    Detail("ethnl_parse_header_dev_get", 5),
};

constexpr SyscallHook kSystemCalls[] = {
    {"ioctl"}, {"sendto"}, {"sendmsg"}, {"sendmmsg"}, {"write"}, {"writev"},
};

constexpr ObjectMap kMaps[] = {{"ethtool_commands", Holds::kEthtoolCounters},
                               {"ethtool_durations", Holds::kHistogram},
                               {"ethtool_calls", Holds::kCalls}};

constexpr NumberName kTransports[] = {
    {ETHTOOL_TRANSPORT_IOCTL, "ioctl"},
    {ETHTOOL_TRANSPORT_NETLINK, "netlink"},
};

// Strings for a command, also if the tables do not have it.
struct CommandNames {
  std::string name;
  std::string option;
  std::string options;
  std::string access;
};

CommandNames NamesOf(std::uint32_t command, std::uint8_t transport) {
  const EthtoolCommand* known = transport == ETHTOOL_TRANSPORT_IOCTL ? FindEthtoolIoctl(command)
                                                                     : FindEthtoolNetlink(command);
  if (!known) return {"unknown_" + std::to_string(command), "", "", ""};
  return {std::string(known->name), std::string(known->option), std::string(known->options),
          std::string(known->access)};
}

constexpr Label<Key> kOwnLabels[] = {
    {"command",
     [](const Key& k, const RenderContext&) { return NamesOf(k.command, k.transport).name; }},
    {"option",
     [](const Key& k, const RenderContext&) { return NamesOf(k.command, k.transport).option; }},
    {"access",
     [](const Key& k, const RenderContext&) { return NamesOf(k.command, k.transport).access; }},
    {"transport",
     [](const Key& k, const RenderContext&) { return NameOf(kTransports, k.transport); }},
};
constexpr auto kLabels = WithCommonLabels(kOwnLabels);
constexpr auto kErrorLabels = WithErrno(kLabels);

using Counters = ethtool_counters;

bool Every(const Key&, const Counters&) { return true; }
bool Failed(const Key& k, const Counters&) { return k.error != 0; }
bool WasSlow(const Key&, const Counters& c) { return c.slow.count != 0; }

double Commands(const Counters& c, const RenderContext& context) {
  return CountOf(c.commands, context);
}
double NewestCommand(const Counters& c, const RenderContext& context) {
  return NewestOf(c.commands, context);
}
double SlowCommands(const Counters& c, const RenderContext& context) {
  return CountOf(c.slow, context);
}
double NewestSlowCommand(const Counters& c, const RenderContext& context) {
  return NewestOf(c.slow, context);
}

constexpr Metric<Key, Counters> kMetrics[] = {
    {"netchange_ethtool_commands_total", "ethtool commands, failed ones included.",
     prometheus::MetricType::Counter, kLabels, Fold::kSum, Every, Commands},
    {"netchange_ethtool_command_errors_total", "Failed ethtool commands.",
     prometheus::MetricType::Counter, kErrorLabels, Fold::kSum, Failed, Commands},
    {"netchange_ethtool_last_command_timestamp_seconds", "Unix time of the newest ethtool command.",
     prometheus::MetricType::Gauge, kLabels, Fold::kMax, Every, NewestCommand},
    {"netchange_ethtool_slow_commands_total",
     "ethtool commands that took longer than ethtool.slow of the configuration.",
     prometheus::MetricType::Counter, kLabels, Fold::kSum, WasSlow, SlowCommands},
    {"netchange_ethtool_last_slow_command_timestamp_seconds",
     "Unix time of the newest slow ethtool command.", prometheus::MetricType::Gauge, kLabels,
     Fold::kMax, WasSlow, NewestSlowCommand},
};

using DurationKey = ethtool_duration_key;

constexpr Label<DurationKey> kDurationLabels[] = {
    {"device",
     [](const DurationKey& k, const RenderContext&) { return PrintableText(k.device.name); }},
    {"netns", [](const DurationKey& k, const RenderContext& c) { return c.netns.Name(k.device); }},
    {"command", [](const DurationKey& k,
                   const RenderContext&) { return NamesOf(k.command, k.transport).name; }},
    {"transport",
     [](const DurationKey& k, const RenderContext&) { return NameOf(kTransports, k.transport); }},
};

Status Collect(RunningCollector& collector, Scrape& scrape) {
  const BpfObject& object = *collector.object;
  const auto entries = ReadCounts<Key, Counters>(object, "ethtool_commands", scrape);
  if (!entries) return entries.error();
  const auto durations =
      ReadCounts<DurationKey, duration_histogram>(object, "ethtool_durations", scrape);
  if (!durations) return durations.error();
  RenderEthtool(*entries, *durations, scrape.context, scrape.out);
  return {};
}

EventDescription Describe(const event& e) {
  const CommandNames names = NamesOf(e.ethtool.command, e.ethtool.transport);
  const std::string transport = NameOf(kTransports, e.ethtool.transport);
  return {names.name + (names.option.empty() ? "" : " " + names.option) + " by " + transport,
          "",
          {{"command", names.name},
           {"option", names.option},
           {"options", names.options},
           {"access", names.access},
           {"transport", transport}}};
}

}  // namespace

void RenderEthtool(const Entries<Key, Counters>& commands,
                   const Entries<DurationKey, duration_histogram>& durations,
                   const RenderContext& context, FamilySet& out) {
  RenderAll<Key, Counters>(kMetrics, commands, context, out);
  RenderHistogram<DurationKey>("netchange_ethtool_command_duration_seconds",
                               "Time in the kernel of an ethtool command.", kDurationLabels,
                               durations, context, out);
}

const CollectorSpec& EthtoolCollector() {
  static const CollectorSpec spec{.name = "ethtool",
                                  .help = "ethtool commands, by ioctl and by netlink",
                                  .object = ELF_OF(ethtool),
                                  .hooks = kHooks,
                                  .system_calls = kSystemCalls,
                                  .maps = kMaps,
                                  .filters = Filters::kDevices,
                                  .collect = Collect,
                                  .describe = Describe,
                                  .syscall_limits = "no 32-bit programs, no io_uring"};
  return spec;
}

}  // namespace netchange
