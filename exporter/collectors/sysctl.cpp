// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>

#include "collectors/config_write.h"
#include "collectors/sysctl_handlers.h"
#include "collectors/tables.h"

namespace netchange {
namespace {

constexpr Hook kHooks[] = {
    Function("proc_sys_call_handler", 3),
    Detail("proc_sys_permission", 3).Named("proc_sys_permission_3"),
    Detail("proc_sys_permission", 2).Named("proc_sys_permission_2"),
    Detail("inet6_set_link_af", 3).Named("inet6_set_link_af_3"),
    Detail("inet6_set_link_af", 2).Named("inet6_set_link_af_2"),
    Detail("inet_set_link_af", 3).Named("inet_set_link_af_3"),
    Detail("inet_set_link_af", 2).Named("inet_set_link_af_2"),
    Detail("neightbl_set", 3),
};

// The program on the root cgroup begins a write; the exit of the system call supplies its result.
constexpr SyscallHook kSystemCalls[] = {
    kSysctlOfRootCgroup,
    {"pwrite64", Ends::kExit},
    {"pwritev", Ends::kExit},
    {"pwritev2", Ends::kExit},
    {"sendfile64", Ends::kExit},
    {"splice", Ends::kExit},
    {"io_submit", Ends::kExit},
    {"open", Ends::kExit, "sys_exit_open"},
    {"openat", Ends::kExit, "sys_exit_open"},
    {"openat2", Ends::kExit, "sys_exit_open"},
    // write() and writev() may also be requests on a socket.
    {"write"},
    kWritev,
    kSendto,
    kSendmsg,
    kSendmmsg,
};

// Settings of a whole namespace: a write changes every device (inet_forward_change() in
// net/ipv4/devinet.c, and net/ipv6/addrconf.c).
struct Switch {
  std::string_view setting, device;
};
constexpr Switch kSwitches[] = {
    {"net.ipv4.ip_forward", ""},
    {"net.ipv4.conf.*.forwarding", "all"},
    {"net.ipv6.conf.*.forwarding", "all"},
    {"net.ipv6.conf.*.force_forwarding", "all"},
    {"net.ipv6.conf.*.disable_ipv6", "all"},
    {"net.ipv6.conf.*.addr_gen_mode", "all"},
    {"net.ipv6.conf.*.ignore_routes_with_linkdown", "all"},
};

EventDescription DescribeSysctl(const event& e) {
  const bool every =
      std::any_of(std::begin(kSwitches), std::end(kSwitches), [&](const Switch& known) {
        return known.setting == PrintableText(e.config.setting) &&
               known.device == PrintableText(e.device.name);
      });
  event marked = e;
  if (every && (e.config.flags & CONFIG_EVENT_CHANGED))
    marked.config.flags |= CONFIG_EVENT_EVERY_DEVICE;
  return DescribeConfigWrite(marked);
}

constexpr ObjectMap kMaps[] = {{"sysctl_writes", Holds::kConfigWriteCounters},
                               {"sysctl_values", Holds::kConfigValue},
                               {"sysctl_calls", Holds::kCalls},
                               {"sysctl_requests", Holds::kCalls}};

}  // namespace

const CollectorSpec& SysctlCollector() {
  static const CollectorSpec spec{
      .name = "sysctl",
      .help = "writes to every sysctl below net, also by netlink",
      .hooks = kHooks,
      .system_calls = kSystemCalls,
      .maps = kMaps,
      .filters = Filters::kConfigWrites,
      .collect = CollectConfigWrites,
      .describe = DescribeSysctl,
      .syscall_limits =
          "refused opens only by a path below /proc/sys/net, only the first request "
          "of a call, no 32-bit programs, no io_uring",
      .contents = [] { return MapContents("sysctl_handlers", SysctlHandlerEntries); }};
  return spec;
}

}  // namespace netchange
