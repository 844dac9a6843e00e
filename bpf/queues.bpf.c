/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to the files of a device's queues that say which processors take part: RPS of receive queues, XPS of
 * transmit queues. Each file has a kernel function of its own, which gets the queue and the text written.
 */
#include "bpf/queues.bpf.h"

#include "bpf/lib/hook.bpf.h"

/* 7.x: the kobject and the attribute come first. */
static __always_inline void xps_cpus_5_enter(const __u64 *arguments)
{
	xps_cpus_enter(arguments + 2);
}

static __always_inline void xps_rxqs_5_enter(const __u64 *arguments)
{
	xps_rxqs_enter(arguments + 2);
}

HOOK(store_rps_map, 3, rps_cpus_enter, rps_cpus_leave)
HOOK(store_rps_dev_flow_table_cnt, 3, rps_flow_cnt_enter, rps_flow_cnt_leave)
HOOK(xps_cpus_store, 3, xps_cpus_enter, xps_cpus_leave)
HOOK(xps_rxqs_store, 3, xps_rxqs_enter, xps_rxqs_leave)
HOOK_AS(xps_cpus_store_5, xps_cpus_store, 5, xps_cpus_5_enter, xps_cpus_leave)
HOOK_AS(xps_rxqs_store_5, xps_rxqs_store, 5, xps_rxqs_5_enter, xps_rxqs_leave)

#include "bpf/syscall/queues.bpf.h"

char LICENSE[] SEC("license") = "GPL";
