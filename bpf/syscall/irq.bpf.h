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

static __always_inline void file_write_enter(struct file_write *file_write)
{
	if (!is_write_to(file_write, LENGTH_OF(SMP_AFFINITY) | LENGTH_OF(SMP_AFFINITY_LIST)) ||
	    !is_file_of(file_write, PROC_SUPER_MAGIC, "irq", sizeof("irq")) ||
	    (!same_bytes(file_write->name, SMP_AFFINITY, sizeof(SMP_AFFINITY)) &&
	     !same_bytes(file_write->name, SMP_AFFINITY_LIST, sizeof(SMP_AFFINITY_LIST))))
		return;
	affinity_write_enter(file_write->file, (const void *)file_write->text, (__u32)file_write->size);
	if (irq_call_find())
		call_began();
}

FILE_WRITES(file_write_enter)

static __always_inline void system_call_leave(__s64 result)
{
	if (!irq_call_find())
		return;
	affinity_write_leave((int)result);
	call_ended();
}

SYSTEM_CALLS_EXIT(system_call_leave)

#endif
