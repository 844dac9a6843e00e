/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to sysctls below net, for kernels where no function can be looked at: a program on the root of the
 * cgroup hierarchy sees each write before its handler does; the exit of the system call tells the result.
 * What it is called with leads to the same tables as a function's arguments, so that names, namespaces and
 * values are the same. Part of sysctl.bpf.c.
 *
 * Where it knows less than function tracing: a write that is refused before its handler is called (by rights,
 * or unreadable memory) is not seen.
 */
#ifndef NETCHANGE_SYSCALL_SYSCTL_BPF_H
#define NETCHANGE_SYSCALL_SYSCTL_BPF_H

#include "bpf/sysctl.bpf.h"
#include "bpf/syscall/syscall.bpf.h"

SEC("cgroup/sysctl")
int cgroup_sysctl_enter(struct bpf_sysctl *ctx)
{
	struct bpf_sysctl_kern *kernel = (void *)ctx; /* which is what the kernel passes */
	struct sysctl_call *call;
	struct ctl_table *table;

	if (!ctx->write)
		return 1;
	call = sysctl_call_begin(SYSCTL_WRITE);
	if (!call)
		return 1;
	table = BPF_CORE_READ(kernel, table);
	if (!name_write(call, BPF_CORE_READ(kernel, head), table)) {
		sysctl_call_end();
		return 1;
	}
	call_began();
	note_size(call, BPF_CORE_READ(kernel, new_len), ctx->file_pos);
	set_text(&call->write.written, BPF_CORE_READ(kernel, new_val), call->text_size, KERNEL_MEMORY);
	find_storage(call, table);
	read_storage(&call->write.old_value, call);
	return 1;
}

static __always_inline void system_call_leave(__s64 result)
{
	struct sysctl_call *call = sysctl_call_find(SYSCTL_WRITE);

	if (!call)
		return;
	if (!is_restart((int)result)) {
		read_storage(&call->write.new_value, call);
		record_sysctl_write(call, (int)result);
	}
	sysctl_call_end();
	call_ended();
}

SYSTEM_CALLS_EXIT(system_call_leave)

#endif
