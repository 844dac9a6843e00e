/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to the files of queues as system calls. Part of queues.bpf.c, whose functions read and count them;
 * for kernels where its functions cannot be looked at.
 */
#ifndef NETCHANGE_SYSCALL_QUEUES_BPF_H
#define NETCHANGE_SYSCALL_QUEUES_BPF_H

#include "bpf/queues.bpf.h"
#include "bpf/syscall/file_write.bpf.h"

/* Not inlined: the verifier checks it once, and not once for each call of it. */
__noinline int read_queue_value(bool after)
{
	struct queue_call *call = queue_call_find();

	if (call)
		read_queue(after ? &call->write.new_value : &call->write.old_value, call->file, call->queue);
	return 0;
}

#define NO_FILE (-1)

static __always_inline int queue_file_of(const char *name)
{
	for (int file = FILE_RPS_CPUS; file <= FILE_XPS_RXQS; file++)
		if (same_bytes(name, kQueueFiles[file].name, FILE_NAME_SIZE))
			return file;
	return NO_FILE;
}

static __always_inline void file_write_enter(struct file_write *file_write)
{
	__u64 in_rx = bpf_core_field_offset(struct netdev_rx_queue, kobj);
	__u64 in_tx = bpf_core_field_offset(struct netdev_queue, kobj);
	struct queue_call *call;
	int file;

	if (!is_write_to(file_write, LENGTH_OF("rps_cpus") | LENGTH_OF("rps_flow_cnt")) ||
	    !is_file_of(file_write, SYSFS_MAGIC, "queues", sizeof("queues")))
		return;
	file = queue_file_of(file_write->name);
	if (file == NO_FILE)
		return;
	call = queue_write_begin(file, kobject_of(file_write->dentry) - (is_rps(file) ? in_rx : in_tx));
	if (!call)
		return;
	call_began();
	call->text = (const void *)file_write->text;
	call->text_size = (__u32)file_write->size;
	read_queue_value(false);
}

FILE_WRITES(file_write_enter)

static __always_inline void system_call_leave(__s64 result)
{
	struct queue_call *call = queue_call_find();

	if (!call)
		return;
	if (!is_restart((int)result)) {
		if (call->text)
			set_text(&call->write.written, call->text, call->text_size, USER_MEMORY);
		read_queue_value(true);
		record_queue_write(call, (int)result);
	}
	queue_call_end();
	call_ended();
}

SYSTEM_CALLS_EXIT(system_call_leave)

#endif
