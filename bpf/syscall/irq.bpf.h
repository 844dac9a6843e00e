/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to the affinity of interrupts as system calls, for kernels where no function can be traced. What an
 * interrupt's mask was is not known here: the text is compared with the last one written.
 */
#ifndef NETCHANGE_SYSCALL_IRQ_BPF_H
#define NETCHANGE_SYSCALL_IRQ_BPF_H

#include "bpf/irq.bpf.h"
#include "bpf/lib/text.bpf.h"
#include "bpf/syscall/file_write.bpf.h"

static __always_inline void file_write_enter(struct file_write *sent)
{
	if (!is_write_to(sent, LENGTH_OF(SMP_AFFINITY) | LENGTH_OF(SMP_AFFINITY_LIST)) ||
	    !is_file_of(sent, PROC_SUPER_MAGIC, "irq", sizeof("irq")) ||
	    (!same_bytes(sent->name, SMP_AFFINITY, sizeof(SMP_AFFINITY)) &&
	     !same_bytes(sent->name, SMP_AFFINITY_LIST, sizeof(SMP_AFFINITY_LIST))))
		return;
	affinity_write_begin(sent->file, (const void *)sent->text, (__u32)sent->size);
	if (call_find(0))
		call_began();
}

FILE_WRITES(file_write_enter)

static __always_inline void system_call_leave(__s64 result)
{
	if (!call_find(0))
		return;
	affinity_write_leave((int)result);
	call_ended();
}

SYSTEM_CALLS_EXIT(system_call_leave)

#endif
