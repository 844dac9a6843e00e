/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to /proc/irq/<number>/smp_affinity and smp_affinity_list. What the interrupt's processors were and
 * are is seen in irq_set_affinity_locked(), which a write reaches when its text is a mask that the kernel
 * takes.
 */
#include "bpf/irq.bpf.h"

#include "bpf/lib/hook.bpf.h"

/* ssize_t write(file, const char __user *, size_t, loff_t *), of both files */
static __always_inline void proc_write_enter(const __u64 *arguments)
{
	affinity_write_enter((struct file *)arguments[0], (const void *)arguments[1], (__u32)arguments[2]);
}

HOOK(irq_affinity_proc_write, 4, proc_write_enter, affinity_write_leave)
HOOK(irq_affinity_list_proc_write, 4, proc_write_enter, affinity_write_leave)

/* int irq_set_affinity_locked(irq_data, const cpumask *, bool force), by whomever: only the first of a write
 */
static __always_inline void set_affinity_enter(const __u64 *arguments)
{
	struct irq_data *data = (struct irq_data *)arguments[0];
	struct irq_call *call = irq_call_find();
	struct irq_desc *desc;

	if (!call || call->desc)
		return;
	desc = (void *)BPF_CORE_READ(data, common) - bpf_core_field_offset(struct irq_desc, irq_common_data);
	call->desc = desc;
	bpf_probe_read_kernel_str(call->write.detail, sizeof(call->write.detail),
				  BPF_CORE_READ(desc, action, name));
	read_affinity(&call->write.old_value, desc);
}

HOOK_ENTRY(irq_set_affinity_locked, irq_set_affinity_locked, 3, set_affinity_enter)

#include "bpf/syscall/irq.bpf.h"

char LICENSE[] SEC("license") = "GPL";
