/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to the files of queues as system calls. Part of queues.bpf.c, whose functions read and count them;
 * for kernels where its functions cannot be looked at.
 */
#ifndef NETCHANGE_SYSCALL_QUEUES_BPF_H
#define NETCHANGE_SYSCALL_QUEUES_BPF_H

#include "bpf/queues.bpf.h"
#include "bpf/syscall/file_write.bpf.h"

/* A function of its own, not inlined: the verifier looks at it once, and not once for each way to it. */
__noinline int read_queue(bool after)
{
	struct config_write *write = call_find(0);
	struct setting_value *value;

	if (!write)
		return 0;
	value = after ? &write->new_value : &write->old_value;
	switch (write->call) {
	case FILE_RPS_CPUS:
		read_rps_cpus(value, queue_of(write));
		break;
	case FILE_RPS_FLOW_CNT:
		read_rps_flow_cnt(value, queue_of(write));
		break;
	case FILE_XPS_CPUS:
		read_xps(value, queue_of(write), false);
		break;
	case FILE_XPS_RXQS:
		read_xps(value, queue_of(write), true);
		break;
	}
	return 0;
}

#define BEGIN_IF(file, queue_type)                        \
	if (same_bytes(sent->name, #file, sizeof(#file))) \
		write = file##_begin(kobject - bpf_core_field_offset(queue_type, kobj));

static __always_inline void file_write_enter(struct file_write *sent)
{
	struct config_write *write = NULL;
	void *kobject;

	if (!is_write_to(sent, LENGTH_OF("rps_cpus") | LENGTH_OF("rps_flow_cnt")) ||
	    !is_file_of(sent, SYSFS_MAGIC, "queues", sizeof("queues")))
		return;
	kobject = kobject_of(sent->dentry);
	BEGIN_IF(rps_cpus, struct netdev_rx_queue)
	BEGIN_IF(rps_flow_cnt, struct netdev_rx_queue)
	BEGIN_IF(xps_cpus, struct netdev_queue)
	BEGIN_IF(xps_rxqs, struct netdev_queue)
	if (!write)
		return;
	call_began();
	write->written_at = (const void *)sent->text;
	write->written_size = (__u32)sent->size;
	read_queue(false);
}

FILE_WRITES(file_write_enter)

static __always_inline void system_call_leave(__s64 result)
{
	struct config_write *write = call_find(0);

	if (!write)
		return;
	if (!is_restart((int)result)) {
		if (write->written_at)
			set_text(&write->written, write->written_at, write->written_size, USER_MEMORY);
		read_queue(true);
		record_write(write, (int)result);
	}
	call_end(0);
	call_ended();
}

SYSTEM_CALLS_EXIT(system_call_leave)

#endif
