// SPDX-License-Identifier: Apache-2.0
#include "collectors/config_write.h"
#include "collectors/tables.h"
#include "irq.skel.h"

namespace netchange {
namespace {

constexpr Hook kHooks[] = {
    {"irq_affinity_proc_write", "irq_affinity_proc_write", 4, Need::kEvents},
    {"irq_affinity_list_proc_write", "irq_affinity_list_proc_write", 4, Need::kEvents},
    {"irq_set_affinity_locked", "irq_set_affinity_locked", 3, Need::kDetails},
    SystemCall("sys_write"),
    SystemCall("sys_pwrite64"),
    SystemCall("sys_writev"),
};

}  // namespace

const CollectorSpec& IrqCollector() {
  static const CollectorSpec spec{
      "irq",
      "writes to smp_affinity and smp_affinity_list of interrupts",
      ELF_OF(irq),
      kHooks,
      CollectConfigWrites,
      EVENT_IRQ,
      DescribeConfigWrite,
      {},
      nullptr,
      "compares the written text, not the interrupt's CPUs; no action of the interrupt, no 32-bit "
      "programs, no io_uring, splice or sendfile"};
  return spec;
}

}  // namespace netchange
