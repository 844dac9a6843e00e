/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Writes to the files of queues: <sysfs>/…/queues/<queue>/<setting>. */
#ifndef NETCHANGE_SYSCALL_QUEUES_BPF_H
#define NETCHANGE_SYSCALL_QUEUES_BPF_H

#include "bpf/queues.bpf.h"
#include "bpf/syscall/file_write.bpf.h"

static __always_inline bool is_queue_file(struct dentry *dentry)
{
	return has_length(dentry, LENGTH_BIT("rps_cpus") | LENGTH_BIT("rps_flow_cnt")) &&
	       is_below(dentry, "queues", sizeof("queues"));
}

/* Not inlined, so that the verifier checks it once, not once per call. */
__noinline int read_queue_value(bool after)
{
	struct queue_call *call;

	if (!is_traced(COLLECTOR_QUEUES))
		return 0;
	call = queue_call_find();
	if (call)
		read_queue(call, call->file, after);
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

__noinline int queues_write_enter(void)
{
	struct system_call *system_call = system_call_find();
	__u64 in_rx = bpf_core_field_offset(struct netdev_rx_queue, kobj);
	__u64 in_tx = bpf_core_field_offset(struct netdev_queue, kobj);
	const char *name;
	int file;

	if (!is_traced(COLLECTOR_QUEUES) || !system_call)
		return 0;
	name = read_file_name(system_call);
	file = queue_file_of(name);
	if (file == NO_FILE ||
	    !queue_write_begin(file, kobject_of(system_call->file) - (is_rps(file) ? in_rx : in_tx)))
		return 0;
	system_call->collectors |= COLLECTOR_BIT(COLLECTOR_QUEUES);
	return read_queue_value(false);
}

__noinline int queues_write_leave(int result)
{
	struct system_call *system_call = system_call_find();
	struct queue_call *call;

	if (!is_traced(COLLECTOR_QUEUES) || !system_call)
		return 0;
	call = queue_call_find();
	if (!call)
		return 0;
	/* ENODEV: the device was deleted while the file was open. 0: sendfile() found nothing more to write.
	 */
	if (!is_restart(result) && result != -ENODEV && result) {
		if (system_call->memory)
			set_text(&call->write.written, system_call->memory, system_call->size, USER_MEMORY);
		read_queue_value(true);
		record_queues_write(0, result);
	}
	queue_call_end();
	return 0;
}

#endif
