/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to IRQ affinity. The interrupt's mask is not known here: record_irq_write() compares the text with
 * the one written last.
 */
#ifndef NETCHANGE_SYSCALL_IRQ_BPF_H
#define NETCHANGE_SYSCALL_IRQ_BPF_H

#include "bpf/irq.bpf.h"
#include "bpf/lib/text.bpf.h"
#include "bpf/syscall/file_write.bpf.h"

static __always_inline bool is_irq_file(struct dentry *dentry)
{
	return has_length(dentry, LENGTH_BIT(SMP_AFFINITY) | LENGTH_BIT(SMP_AFFINITY_LIST)) &&
	       is_below(dentry, "irq", sizeof("irq"));
}

__noinline int irq_write_enter(void)
{
	struct system_call *system_call = system_call_find();
	char name[FILE_NAME_SIZE] = {};

	if (!is_traced(COLLECTOR_IRQ) || !system_call)
		return 0;
	read_file_name(name, system_call->file);
	if (!same_bytes(name, SMP_AFFINITY, sizeof(SMP_AFFINITY)) &&
	    !same_bytes(name, SMP_AFFINITY_LIST, sizeof(SMP_AFFINITY_LIST)))
		return 0;
	affinity_write_enter(system_call->file, system_call->memory, system_call->size);
	if (irq_call_find())
		system_call->collectors |= COLLECTOR_BIT(COLLECTOR_IRQ);
	return 0;
}

__noinline int irq_write_leave(int result)
{
	if (is_traced(COLLECTOR_IRQ))
		affinity_write_leave(result);
	return 0;
}

#endif
