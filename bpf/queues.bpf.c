/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to the files that select CPUs for a device's queues: RPS of receive queues, XPS of transmit queues.
 * Each file has a kernel function of its own, which gets the queue and the text written.
 */
#include "bpf/queues.bpf.h"

#include "bpf/lib/hook.bpf.h"

static __always_inline void store_enter(enum queue_file file, const void *queue, const char *text, __u32 size)
{
	struct queue_call *call = queue_write_begin(file, queue);

	if (!call)
		return;
	set_text(&call->write.written, text, size, KERNEL_MEMORY);
	read_queue(call, file, false);
}

static __always_inline void store_leave(enum queue_file file, int result)
{
	struct queue_call *call = queue_call_find();

	if (!call)
		return;
	if (!is_restart(result)) {
		read_queue(call, file, true);
		record_queues_write(0, result);
	}
	queue_call_end();
}

HOOK_ENTER(store_rps_map, struct netdev_rx_queue *queue, const char *text, __u32 size)
{
	store_enter(FILE_RPS_CPUS, queue, text, size);
}

HOOK_EXIT(store_rps_map, 3, int result)
{
	store_leave(FILE_RPS_CPUS, result);
}

HOOK_ENTER(store_rps_dev_flow_table_cnt, struct netdev_rx_queue *queue, const char *text, __u32 size)
{
	store_enter(FILE_RPS_FLOW_CNT, queue, text, size);
}

HOOK_EXIT(store_rps_dev_flow_table_cnt, 3, int result)
{
	store_leave(FILE_RPS_FLOW_CNT, result);
}

HOOK_ENTER(xps_cpus_store, struct netdev_queue *queue, const char *text, __u32 size)
{
	store_enter(FILE_XPS_CPUS, queue, text, size);
}

HOOK_EXIT(xps_cpus_store, 3, int result)
{
	store_leave(FILE_XPS_CPUS, result);
}

HOOK_ENTER(xps_rxqs_store, struct netdev_queue *queue, const char *text, __u32 size)
{
	store_enter(FILE_XPS_RXQS, queue, text, size);
}

HOOK_EXIT(xps_rxqs_store, 3, int result)
{
	store_leave(FILE_XPS_RXQS, result);
}

/* From 6.15 on, the kobject and the attribute come first. */
HOOK_ENTER_AS(xps_cpus_store_5, xps_cpus_store, void *kobj, void *attribute, struct netdev_queue *queue,
	      const char *text, __u32 size)
{
	(void)kobj;
	(void)attribute;
	store_enter(FILE_XPS_CPUS, queue, text, size);
}

HOOK_EXIT_AS(xps_cpus_store_5, xps_cpus_store, 5, int result)
{
	store_leave(FILE_XPS_CPUS, result);
}

HOOK_ENTER_AS(xps_rxqs_store_5, xps_rxqs_store, void *kobj, void *attribute, struct netdev_queue *queue,
	      const char *text, __u32 size)
{
	(void)kobj;
	(void)attribute;
	store_enter(FILE_XPS_RXQS, queue, text, size);
}

HOOK_EXIT_AS(xps_rxqs_store_5, xps_rxqs_store, 5, int result)
{
	store_leave(FILE_XPS_RXQS, result);
}
