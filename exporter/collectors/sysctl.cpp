// SPDX-License-Identifier: Apache-2.0
#include "collectors/config_write.h"
#include "collectors/tables.h"
#include "sysctl.skel.h"

namespace netchange {
namespace {

constexpr Hook kHooks[] = {
    {"devinet_conf_proc", "devinet_conf_proc", 5, Need::kEvents},
    {"devinet_sysctl_forward", "devinet_sysctl_forward", 5, Need::kEvents},
    {"ipv4_doint_and_flush", "ipv4_doint_and_flush", 5, Need::kEvents},
    CgroupHook("cgroup_sysctl"),
    SystemCall("sys_write", Need::kDetails),
    SystemCall("sys_pwrite64", Need::kDetails),
    SystemCall("sys_writev", Need::kDetails),
    SystemCall("sys_pwritev", Need::kDetails),
    SystemCall("sys_pwritev2", Need::kDetails),
    SystemCall("sys_sendfile64", Need::kDetails),
    SystemCall("sys_splice", Need::kDetails),
};

}  // namespace

const CollectorSpec& SysctlCollector() {
  static const CollectorSpec spec{
      "sysctl",
      "writes to net.ipv4.conf.* and net.ipv4.ip_forward",
      ELF_OF(sysctl),
      kHooks,
      CollectConfigWrites,
      EVENT_SYSCTL,
      DescribeConfigWrite,
      {},
      nullptr,
      "writes of 32-bit programs, by io_uring, and "
      "those refused for want of rights; values are compared as text"};
  return spec;
}

}  // namespace netchange
