/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to IRQ affinity. The interrupt's mask is not known here: the CPUs of the text are compared with
 * those written last, or with those at the exporter's start.
 */
#ifndef NETCHANGE_SYSCALL_IRQ_BPF_H
#define NETCHANGE_SYSCALL_IRQ_BPF_H

#include "bpf/lib/text.bpf.h"
#include "bpf/syscall/file_write.bpf.h"

#include "bpf/irq.bpf.h"

static __always_inline bool is_irq_file(struct dentry *dentry)
{
	if (has_length(dentry, LENGTH_BIT(SMP_AFFINITY) | LENGTH_BIT(SMP_AFFINITY_LIST)))
		return is_below(dentry, "irq", sizeof("irq"));
	return has_length(dentry, LENGTH_BIT(DEFAULT_SMP_AFFINITY)) && is_in(dentry, "irq", sizeof("irq"));
}

__noinline int irq_write_enter(void)
{
	struct system_call *system_call = system_call_find();
	const char *name;

	if (!is_traced(COLLECTOR_IRQ) || !system_call)
		return 0;
	name = read_file_name(system_call);
	if (same_bytes(name, DEFAULT_SMP_AFFINITY, sizeof(DEFAULT_SMP_AFFINITY)))
		default_affinity_enter(system_call->memory, system_call->size);
	else if (same_bytes(name, SMP_AFFINITY, sizeof(SMP_AFFINITY)) ||
		 same_bytes(name, SMP_AFFINITY_LIST, sizeof(SMP_AFFINITY_LIST)))
		affinity_write_enter(system_call->file, system_call->memory, system_call->size);
	else
		return 0;
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
