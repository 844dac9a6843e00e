// SPDX-License-Identifier: Apache-2.0
#include "collectors/sysctl_handlers.h"

#include "kernel/kernel_symbols.h"
#include "util/log.h"

namespace netchange {
namespace {

constexpr SysctlHandler kHandlers[] = {
    // kernel/sysctl.c
    {"proc_dointvec", STORAGE_INTS},
    {"proc_dointvec_minmax", STORAGE_INTS},
    {"proc_douintvec", STORAGE_UINTS},
    {"proc_douintvec_minmax", STORAGE_UINTS},
    {"proc_dou8vec_minmax", STORAGE_UINTS},
    {"proc_doulongvec_minmax", STORAGE_LONGS},
    {"proc_dostring", STORAGE_TEXT},
    {"proc_dointvec_jiffies", STORAGE_OPAQUE},
    {"proc_dointvec_userhz_jiffies", STORAGE_OPAQUE},
    {"proc_dointvec_ms_jiffies", STORAGE_OPAQUE},
    {"proc_dointvec_ms_jiffies_minmax", STORAGE_OPAQUE},
    {"proc_doulongvec_ms_jiffies_minmax", STORAGE_OPAQUE},
    // net/core/neighbour.c, net/ipv6/ndisc.c
    {"neigh_proc_dointvec", STORAGE_INTS},
    {"neigh_proc_dointvec_zero_intmax", STORAGE_INTS},
    {"neigh_proc_dointvec_jiffies", STORAGE_OPAQUE},
    {"neigh_proc_dointvec_ms_jiffies", STORAGE_OPAQUE},
    {"neigh_proc_dointvec_ms_jiffies_positive", STORAGE_OPAQUE},
    {"neigh_proc_dointvec_userhz_jiffies", STORAGE_OPAQUE},
    {"neigh_proc_dointvec_unres_qlen", STORAGE_OPAQUE},  // written in packets, stored in bytes
    {"neigh_proc_base_reachable_time", STORAGE_OPAQUE},
    {"ndisc_ifinfo_sysctl_change", STORAGE_OPAQUE},  // written in several units
    // net/ipv4/devinet.c, net/ipv6/addrconf.c
    {"devinet_conf_proc", STORAGE_INTS},
    {"devinet_sysctl_forward", STORAGE_INTS},
    {"ipv4_doint_and_flush", STORAGE_INTS},
    {"addrconf_sysctl_forward", STORAGE_INTS},
    {"addrconf_sysctl_force_forwarding", STORAGE_INTS},
    {"addrconf_sysctl_mtu", STORAGE_INTS},
    {"addrconf_sysctl_disable", STORAGE_INTS},
    {"addrconf_sysctl_proxy_ndp", STORAGE_INTS},
    {"addrconf_sysctl_addr_gen_mode", STORAGE_INTS},
    {"addrconf_sysctl_ignore_routes_with_linkdown", STORAGE_INTS},
    {"addrconf_sysctl_disable_policy", STORAGE_INTS},
    // net/ipv4/sysctl_net_ipv4.c
    {"ipv4_fwd_update_priority", STORAGE_UINTS},
    {"proc_tcp_congestion_control", STORAGE_POINTER},
    // net/core/sysctl_net_core.c
    {"proc_dointvec_minmax_bpf_enable", STORAGE_INTS},
    {"proc_dointvec_minmax_bpf_restricted", STORAGE_INTS},
    {"proc_do_dev_weight", STORAGE_INTS},
};
static_assert(std::size(kHandlers) <= SYSCTL_HANDLERS);

}  // namespace

std::span<const SysctlHandler> SysctlHandlers() { return kHandlers; }

MapEntries SysctlHandlerEntries() {
  std::set<std::string> names;
  for (const SysctlHandler& handler : kHandlers) names.insert(handler.function);
  const auto symbols = ReadKernelSymbols(names);
  if (symbols.empty()) {
    LogWarn(
        "the kernel hides its addresses: sysctl changes are found by comparing the written text",
        {{"file", "/proc/kallsyms"}});
  }
  MapEntries entries;
  for (const SysctlHandler& handler : kHandlers) {
    const auto symbol = symbols.find(handler.function);
    if (symbol == symbols.end()) continue;
    const auto storage = static_cast<std::uint32_t>(handler.storage);
    entries.emplace_back(BytesOf(symbol->second), BytesOf(storage));
  }
  return entries;
}

}  // namespace netchange
