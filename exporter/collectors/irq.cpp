// SPDX-License-Identifier: Apache-2.0
#include "collectors/config_write.h"
#include "collectors/irq_masks.h"
#include "collectors/tables.h"

namespace netchange {
namespace {

constexpr Hook kHooks[] = {
    Function("irq_affinity_proc_write", 4),
    Function("irq_affinity_list_proc_write", 4),
    Function("default_affinity_write", 4),
    Detail("irq_set_affinity_locked", 3).At(Ends::kEntry),
};

constexpr SyscallHook kSystemCalls[] = {{"write"}, kPwrite, kWritev, kPwritev, kPwritev2};

constexpr ObjectMap kMaps[] = {{"irq_writes", Holds::kConfigWriteCounters},
                               {"irq_values", Holds::kConfigValue},
                               {"irq_calls", Holds::kCalls}};

// The kernel side does not know the device, and interrupts belong to no namespace.
EventDevice DeviceOfInterrupt(const event& e, const RenderContext& context) {
  return {context.irqs.Device(PrintableText(e.config.object)), ""};
}

}  // namespace

const CollectorSpec& IrqCollector() {
  static const CollectorSpec spec{
      .name = "irq",
      .help =
          "writes to smp_affinity and smp_affinity_list of interrupts, and to default_smp_affinity",
      .hooks = kHooks,
      .system_calls = kSystemCalls,
      .maps = kMaps,
      .filters = Filters::kConfigWrites,
      .collect = CollectConfigWrites,
      .describe = DescribeConfigWrite,
      .device = DeviceOfInterrupt,
      .syscall_limits =
          "compares the CPUs with those written last, not with the interrupt's; no action of the "
          "interrupt, no 32-bit programs, no io_uring",
      .contents = [] {
        return MapContents(
            "irq_values", [] { return IrqMasks(); }, true);
      }};
  return spec;
}

}  // namespace netchange
