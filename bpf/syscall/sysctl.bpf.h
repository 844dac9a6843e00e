/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to sysctls below net. A program on the root cgroup runs before the handler of each write, and the
 * exit of the system call supplies the result. Its context leads to the same tables as a function's
 * arguments, so names, namespaces and values are the same as with function tracing. A write that is refused
 * before its handler is called (permission, unreadable memory) is not traced; a refused open is
 * (sysctl_open.bpf.h).
 */
#ifndef NETCHANGE_SYSCALL_SYSCTL_BPF_H
#define NETCHANGE_SYSCALL_SYSCTL_BPF_H

#include "bpf/sysctl.bpf.h"
#include "bpf/syscall/system_call.bpf.h"

/* False if the configuration excludes it, or the map is full. */
static __always_inline bool sysctl_write_begin(struct bpf_sysctl *ctx)
{
	struct bpf_sysctl_kern *kernel = (void *)ctx; /* the kernel passes this structure */
	struct ctl_table *table = BPF_CORE_READ(kernel, table);
	struct sysctl_call *call = sysctl_call_begin(SYSCTL_WRITE);

	if (!call)
		return false;
	if (!name_write(call, BPF_CORE_READ(kernel, head), table)) {
		sysctl_call_end();
		return false;
	}
	note_size(call, BPF_CORE_READ(kernel, new_len), ctx->file_pos);
	set_text(&call->write.written, BPF_CORE_READ(kernel, new_val), call->text_size, KERNEL_MEMORY);
	find_storage(call, table);
	read_storage(&call->write.old_value, call);
	return true;
}

/* The call does not return the result of the write. */
static __always_inline void sysctl_write_lost(void)
{
	count_lost_update(COLLECTOR_SYSCTL);
	if (sysctl_call_find(SYSCTL_WRITE))
		sysctl_call_end();
}

__noinline int sysctl_write_leave(int result)
{
	struct sysctl_call *call;

	if (!is_traced(COLLECTOR_SYSCTL))
		return 0;
	call = sysctl_call_find(SYSCTL_WRITE);
	if (!call)
		return 0;
	if (!is_restart(result)) {
		read_storage(&call->write.new_value, call);
		record_sysctl_write(0, result);
	}
	sysctl_call_end();
	return 0;
}

#endif
