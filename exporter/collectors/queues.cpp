// SPDX-License-Identifier: Apache-2.0
#include "collectors/config_write.h"
#include "collectors/tables.h"

namespace netchange {
namespace {

constexpr Hook kHooks[] = {
    Function("store_rps_map", 3),  Function("store_rps_dev_flow_table_cnt", 3),
    Function("xps_cpus_store", 3), Function("xps_cpus_store", 5).Named("xps_cpus_store_5"),
    Function("xps_rxqs_store", 3), Function("xps_rxqs_store", 5).Named("xps_rxqs_store_5"),
};

constexpr SyscallHook kSystemCalls[] = {
    {"write"}, kPwrite, kWritev, kPwritev, kPwritev2, kSendfile, kSplice,
};

constexpr ObjectMap kMaps[] = {{"queues_writes", Holds::kConfigWriteCounters},
                               {"queues_values", Holds::kConfigValue},
                               {"queues_calls", Holds::kCalls}};

}  // namespace

const CollectorSpec& QueuesCollector() {
  static const CollectorSpec spec{.name = "queues",
                                  .help = "writes to RPS and XPS settings of queues",
                                  .hooks = kHooks,
                                  .system_calls = kSystemCalls,
                                  .maps = kMaps,
                                  .filters = Filters::kConfigWrites,
                                  .collect = CollectConfigWrites,
                                  .describe = DescribeConfigWrite,
                                  .syscall_limits = "no 32-bit programs, no io_uring"};
  return spec;
}

}  // namespace netchange
