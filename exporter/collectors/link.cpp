// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "collectors/config_write.h"
#include "collectors/link_flags.h"
#include "collectors/tables.h"
#include "collectors/value_text.h"

namespace netchange {
namespace {

// From 6.15 on the older functions wrap the newer ones.
constexpr Hook kHooks[] = {
    Function("netif_set_mtu_ext", 3).Formerly("dev_set_mtu_ext"),
    Function("__dev_change_flags", 3),
    Function("netif_set_mac_address", 3).Formerly("dev_set_mac_address"),
    Detail("dev_addr_mod", 4).At(Ends::kEntry),
    Detail("call_netdevice_notifiers", 2).At(Ends::kEntry).Unless("dev_addr_mod"),
    Function("netif_change_tx_queue_len", 2).Formerly("dev_change_tx_queue_len"),
    Function("netif_change_name", 2).Formerly("dev_change_name"),
    Function("tc_modify_qdisc", 3),
    Function("tc_get_qdisc", 3),
    Detail("__dev_get_by_index", 2).At(Ends::kExit),
};

constexpr SyscallHook kSystemCalls[] = {
    {"ioctl"}, kSendto,  kSendmsg,  kSendmmsg, {"write"}, kPwrite,
    kWritev,   kPwritev, kPwritev2, kSendfile, kSplice,
};

std::string FlagsText(const setting_value& value) {
  if (value.type != VALUE_INTEGER) return ValueText(value);
  std::int64_t flags = 0;
  std::memcpy(&flags, value.bytes, sizeof(flags));
  return LinkFlagsText(static_cast<std::uint32_t>(flags));
}

EventDescription Describe(const event& e) {
  const bool flags = std::strncmp(e.config.setting, "flags", sizeof("flags")) == 0;
  return DescribeConfigWrite(e, flags ? FlagsText : ValueText);
}

constexpr ObjectMap kMaps[] = {{"link_writes", Holds::kConfigWriteCounters},
                               {"link_values", Holds::kConfigValue},
                               {"link_calls", Holds::kCalls}};

}  // namespace

const CollectorSpec& LinkCollector() {
  static const CollectorSpec spec{
      .name = "link",
      .help = "writes to MTU, flags, address, txqueuelen, name and qdisc of links",
      .hooks = kHooks,
      .system_calls = kSystemCalls,
      .maps = kMaps,
      .filters = Filters::kConfigWrites,
      .collect = CollectConfigWrites,
      .describe = Describe,
      .syscall_limits =
          "no changes that the kernel makes to other devices (bond ports, bridges), only the first "
          "request of a call, no requests for a device group (counted as lost), no 32-bit "
          "programs, no io_uring"};
  return spec;
}

}  // namespace netchange
