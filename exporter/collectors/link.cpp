// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "collectors/config_write.h"
#include "collectors/link_flags.h"
#include "collectors/tables.h"
#include "collectors/value_text.h"
#include "link.skel.h"

namespace netchange {
namespace {

// From 6.15 on the first of each pair; before, or where it cannot be observed, the second.
constexpr Hook kHooks[] = {
    {"netif_set_mtu_ext", "netif_set_mtu_ext", 3, Need::kEvents},
    {"dev_set_mtu_ext", "dev_set_mtu_ext", 3, Need::kEvents, "netif_set_mtu_ext"},
    {"__dev_change_flags", "__dev_change_flags", 3, Need::kEvents},
    {"netif_set_mac_address", "netif_set_mac_address", 3, Need::kEvents},
    {"dev_set_mac_address", "dev_set_mac_address", 3, Need::kEvents, "netif_set_mac_address"},
    {"netif_change_tx_queue_len", "netif_change_tx_queue_len", 2, Need::kEvents},
    {"dev_change_tx_queue_len", "dev_change_tx_queue_len", 2, Need::kEvents,
     "netif_change_tx_queue_len"},
    {"netif_change_name", "netif_change_name", 2, Need::kEvents},
    {"dev_change_name", "dev_change_name", 2, Need::kEvents, "netif_change_name"},
    {"tc_modify_qdisc", "tc_modify_qdisc", 3, Need::kEvents},
    {"tc_get_qdisc", "tc_get_qdisc", 3, Need::kEvents},
    {"__dev_get_by_index", "__dev_get_by_index", 2, Need::kDetails},
    SystemCall("sys_ioctl"),
    SystemCall("sys_sendto"),
    SystemCall("sys_sendmsg"),
    SystemCall("sys_write"),
    SystemCall("sys_pwrite64"),
    SystemCall("sys_writev"),
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
      .help = "writes to MTU, flags, address, txqueuelen, name and root qdisc of links",
      .object = ELF_OF(link),
      .hooks = kHooks,
      .maps = kMaps,
      .filters = Filters::kConfigWrites,
      .collect = CollectConfigWrites,
      .describe = Describe,
      .syscall_limits =
          "no changes that the kernel makes to other devices (bond ports), only the first request "
          "of a call, no requests for a device group (counted as lost), no 32-bit programs, no "
          "io_uring"};
  return spec;
}

}  // namespace netchange
