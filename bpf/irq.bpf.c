/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to /proc/irq/<number>/smp_affinity and smp_affinity_list, and to /proc/irq/default_smp_affinity. The
 * interrupt's old mask is read in irq_set_affinity_locked(), which a write calls if the kernel accepts its
 * text as a mask. The default mask is in a variable that programs cannot find: the CPUs of the text are
 * compared with those written last, or with those at the exporter's start.
 */
#include "bpf/irq.bpf.h"

#include "bpf/lib/hook.bpf.h"

/* If the kernel's mask is not known, the CPUs are compared with those written last. */
static __always_inline void leave(int result)
{
	struct irq_call *call = irq_call_find();

	if (call && !call->desc && result >= 0)
		read_written_mask();
	affinity_write_leave(result);
}

/* The write functions of the files. */
HOOK_ENTER(irq_affinity_proc_write, struct file *file, const char *text, __u32 size)
{
	affinity_write_enter(file, text, size);
}

HOOK_EXIT(irq_affinity_proc_write, 4, int result)
{
	leave(result);
}

HOOK_ENTER(irq_affinity_list_proc_write, struct file *file, const char *text, __u32 size)
{
	affinity_write_enter(file, text, size);
}

HOOK_EXIT(irq_affinity_list_proc_write, 4, int result)
{
	leave(result);
}

HOOK_ENTER(default_affinity_write, struct file *file, const char *text, __u32 size)
{
	(void)file;
	default_affinity_enter(text, size);
}

HOOK_EXIT(default_affinity_write, 4, int result)
{
	leave(result);
}

/* Drivers call it too. A write calls it once; only the first call within a write counts. */
HOOK_ENTER(irq_set_affinity_locked, struct irq_data *data)
{
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
