/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to the files of a device's queues that say which processors take part: RPS of receive queues, XPS of
 * transmit queues. Each file has a kernel function of its own, which gets the queue and the text written.
 */
#include "bpf/queues.bpf.h"

#include "bpf/lib/hook.bpf.h"

/* ssize_t store(queue, attribute or text, …), of each file: the function tells the file. */
static __always_inline void store_enter(enum queue_file file, const void *queue, const char *text, __u32 size)
{
	struct queue_call *call = queue_write_begin(file, queue);

	if (!call)
		return;
	set_text(&call->write.written, text, size, KERNEL_MEMORY);
	read_queue(&call->write.old_value, file, call->queue);
}

static __always_inline void store_leave(enum queue_file file, int result)
{
	struct queue_call *call = queue_call_find();

	if (!call)
		return;
	if (!is_restart(result)) {
		read_queue(&call->write.new_value, file, call->queue);
		record_queue_write(call, result);
	}
	queue_call_end();
}

#define QUEUE_HOOK(file, FILE)                                                                            \
	static __always_inline void file##_enter(const __u64 *arguments)                                  \
	{                                                                                                 \
		store_enter(FILE, (void *)arguments[0], (const char *)arguments[1], (__u32)arguments[2]); \
	}                                                                                                 \
                                                                                                          \
	static __always_inline void file##_leave(int result)                                              \
	{                                                                                                 \
		store_leave(FILE, result);                                                                \
	}

QUEUE_HOOK(rps_cpus, FILE_RPS_CPUS)
QUEUE_HOOK(rps_flow_cnt, FILE_RPS_FLOW_CNT)
QUEUE_HOOK(xps_cpus, FILE_XPS_CPUS)
QUEUE_HOOK(xps_rxqs, FILE_XPS_RXQS)

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
