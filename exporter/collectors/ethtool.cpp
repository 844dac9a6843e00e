// SPDX-License-Identifier: Apache-2.0
#include "collectors/ethtool.h"

#include "collectors/ethtool_attributes.h"
#include "collectors/ethtool_names.h"
#include "collectors/ethtool_options.h"
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
    {"ioctl"}, kSendto, kSendmsg, kSendmmsg, {"write"}, kWritev,
};

constexpr ObjectMap kMaps[] = {{"ethtool_commands", Holds::kEthtoolCounters},
                               {"ethtool_durations", Holds::kHistogram},
                               {"ethtool_calls", Holds::kCalls}};

constexpr NumberName kTransports[] = {
    {ETHTOOL_TRANSPORT_IOCTL, "ioctl"},
    {ETHTOOL_TRANSPORT_NETLINK, "netlink"},
};

const EthtoolCommand* Find(std::uint32_t command, std::uint8_t transport) {
  return transport == ETHTOOL_TRANSPORT_IOCTL ? FindEthtoolIoctl(command)
                                              : FindEthtoolNetlink(command);
}

std::string UnknownName(std::uint32_t command) {
  if (command == ETHTOOL_COMMAND_UNKNOWN) return "unknown";
  return "unknown_" + std::to_string(command);
}

template <class K>
void AppendCommand(const K& k, const RenderContext&, LabelText& out) {
  if (const EthtoolCommand* known = Find(k.command, k.transport))
    out.Append(known->name);
  else
    out.Append(UnknownName(k.command));
}
template <class K>
void AppendTransport(const K& k, const RenderContext&, LabelText& out) {
  out.Append(NameOf(kTransports, k.transport));
}

constexpr Label<Key> kOwnLabels[] = {
    {"command", AppendCommand<Key>},
    {"option",
     [](const Key& k, const RenderContext&, LabelText& out) {
       if (const EthtoolCommand* known = Find(k.command, k.transport)) out.Append(known->option);
     }},
    {"access",
     [](const Key& k, const RenderContext&, LabelText& out) {
       if (const EthtoolCommand* known = Find(k.command, k.transport)) out.Append(known->access);
     }},
    {"transport", AppendTransport<Key>},
};
constexpr auto kLabels = WithCommonLabels(kOwnLabels);

using Counters = ethtool_counters;

bool Failed(const Key& k, const Counters&) { return k.error != 0; }
bool WasSlow(const Key&, const Counters& c) { return c.slow.count != 0; }

std::uint64_t Commands(const Counters& c) { return c.commands.count; }
std::uint64_t SlowCommands(const Counters& c) { return c.slow.count; }
double NewestCommand(const Counters& c, const RenderContext& context) {
  return NewestOf(c.commands, context);
}
double NewestSlowCommand(const Counters& c, const RenderContext& context) {
  return NewestOf(c.slow, context);
}

constexpr Metric<Key, Counters> kMetrics[] = {
    {.name = "netchange_ethtool_commands_total",
     .help = "ethtool commands, failed ones included.",
     .count = Commands},
    {.name = "netchange_ethtool_command_errors_total",
     .help = "Failed ethtool commands.",
     .by_errno = true,
     .takes = Failed,
     .count = Commands},
    {.name = "netchange_ethtool_last_command_timestamp_seconds",
     .help = "Unix time of the newest ethtool command.",
     .gauge = NewestCommand},
    {.name = "netchange_ethtool_slow_commands_total",
     .help = "ethtool commands that took longer than ethtool.slow of the configuration.",
     .takes = WasSlow,
     .count = SlowCommands},
    {.name = "netchange_ethtool_last_slow_command_timestamp_seconds",
     .help = "Unix time of the newest slow ethtool command.",
     .takes = WasSlow,
     .gauge = NewestSlowCommand},
};

using DurationKey = ethtool_duration_key;

constexpr Label<DurationKey> kDurationLabels[] = {
    {"device", AppendDevice<DurationKey>},
    {"netns", AppendNetns<DurationKey>},
    {"command", AppendCommand<DurationKey>},
    {"transport", AppendTransport<DurationKey>},
};

constexpr Metric<DurationKey, duration_histogram> kDurationMetrics[] = {
    {.name = "netchange_ethtool_command_duration_seconds",
     .help = "Time in the kernel of an ethtool command.",
     .durations = [](const duration_histogram& d) -> const duration_histogram& { return d; }},
};

Status Collect(RunningCollector& collector, Scrape& scrape) {
  const BpfObject& object = *collector.object;
  Status commands = ReadRows(object, "ethtool_commands", EthtoolSchema(), scrape);
  if (!commands) return commands;
  return ReadRows(object, "ethtool_durations", EthtoolDurationSchema(), scrape);
}

EventDescription Describe(const event& e) {
  const EthtoolCommand* known = Find(e.ethtool.command, e.ethtool.transport);
  const std::string name = known ? std::string(known->name) : UnknownName(e.ethtool.command);
  const EthtoolCommand names = known ? *known : EthtoolCommand{};
  const std::string option(names.option), words = DescribeOptions(names.options);
  const std::uint64_t types =
      std::uint64_t{e.ethtool.attributes[1]} << 32 | e.ethtool.attributes[0];
  const bool sets = names.access == "set" || names.access == "act";
  const std::string attributes = sets ? DescribeAttributes(e.ethtool.command, types) : "";
  const std::string transport = NameOf(kTransports, e.ethtool.transport);
  return {name + (option.empty() ? "" : " " + option) +
              (attributes.empty() ? "" : " (" + attributes + ")") + " by " + transport,
          "",
          {{"command", name},
           {"option", option},
           {"options", std::string(names.options)},
           {"options_mean", words},
           {"attributes", attributes},
           {"access", std::string(names.access)},
           {"transport", transport}},
          "",
          words};
}

}  // namespace

const Schema<Key, Counters>& EthtoolSchema() {
  static constexpr Schema<Key, Counters> schema{kLabels, kMetrics, kErrno<Key>};
  return schema;
}

const Schema<DurationKey, duration_histogram>& EthtoolDurationSchema() {
  static constexpr Schema<DurationKey, duration_histogram> schema{kDurationLabels,
                                                                  kDurationMetrics};
  return schema;
}

const CollectorSpec& EthtoolCollector() {
  static const CollectorSpec spec{.name = "ethtool",
                                  .help = "ethtool commands, by ioctl and by netlink",
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
