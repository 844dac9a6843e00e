/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Writes to IRQ affinity: maps and counting (irq.bpf.c, syscall/irq.bpf.h). */
#ifndef NETCHANGE_IRQ_BPF_H
#define NETCHANGE_IRQ_BPF_H

#include "bpf/irq_call.bpf.h"
#include "bpf/irq_mask.bpf.h"

#define SMP_AFFINITY         "smp_affinity"
#define SMP_AFFINITY_LIST    "smp_affinity_list"
#define DEFAULT_SMP_AFFINITY "default_smp_affinity"
#define WORD_BITS            64

/* include/linux/irq.h, from an unnamed enum: the new mask waits for the next interrupt. */
#define IRQD_SETAFFINITY_PENDING (1 << 8)

/* The kernel fills whole words. Bits above the highest possible CPU are undefined, so we clear them. */
static __always_inline void read_mask(struct setting_value *mask, const void *from)
{
	__u32 full = settings.cpu_ids / WORD_BITS, rest = settings.cpu_ids % WORD_BITS;
	__u64 last = 0;

	set_bytes(mask, VALUE_MASK, from, full * sizeof(last), KERNEL_MEMORY);
	if (mask->type == VALUE_UNKNOWN || !rest)
		return;
	if (bpf_probe_read_kernel(&last, sizeof(last), from + full * sizeof(last))) {
		mask->type = VALUE_UNKNOWN;
		return;
	}
	last &= (1ULL << rest) - 1;
	if (full < SETTING_VALUE_WORDS)
		((__u64 *)mask->bytes)[full] = last;
	mask->hash = (mask->hash ^ last ^ last >> 32) * (__u32)HASH_PRIME;
	mask->size += sizeof(last);
}

/* The mask that the file shows: the pending one if there is one, otherwise the current one. */
static __always_inline void read_affinity(struct setting_value *mask, struct irq_desc *desc)
{
	const void *from = NULL;

	if (BPF_CORE_READ(desc, irq_common_data.state_use_accessors) & IRQD_SETAFFINITY_PENDING)
		from = irq_pending_mask(desc);
	if (!from)
		from = irq_affinity_mask(desc);
	if (settings.cpu_ids)
		read_mask(mask, from);
}

/* Begins a write of `size` bytes at the user address `text`. Not wanted writes end at once. */
static __always_inline struct irq_call *affinity_write_begin(const void *text, __u32 size)
{
	struct irq_call *call = irq_call_begin();

	if (!call)
		return NULL;
	call->write.start_ns = bpf_ktime_get_boot_ns();
	call->write.key.kind = CONFIG_KIND_IRQ_AFFINITY;
	call->text = text;
	call->text_size = size;
	return call;
}

/* To one of the two files of an interrupt. */
static __always_inline void affinity_write_enter(struct file *file, const void *text, __u32 size)
{
	struct irq_call *call = affinity_write_begin(text, size);
	struct config_write_key *key;

	if (!call)
		return;
	key = &call->write.key;
	call->is_list = BPF_CORE_READ(file, f_path.dentry, d_name.len) == sizeof(SMP_AFFINITY_LIST) - 1;
	__builtin_memcpy(key->setting, SMP_AFFINITY, sizeof(SMP_AFFINITY));
	bpf_probe_read_kernel_str(key->object, OBJECT_SIZE,
				  BPF_CORE_READ(file, f_path.dentry, d_parent, d_name.name));
	if (!wants_write(COLLECTOR_IRQ, key))
		irq_call_end();
}

/* To the mask of interrupts that come later, which is not that of any interrupt now. */
static __always_inline void default_affinity_enter(const void *text, __u32 size)
{
	struct irq_call *call = affinity_write_begin(text, size);

	if (!call)
		return;
	__builtin_memcpy(call->write.key.setting, DEFAULT_SMP_AFFINITY, sizeof(DEFAULT_SMP_AFFINITY));
	if (!wants_write(COLLECTOR_IRQ, &call->write.key))
		irq_call_end();
}

/* Of any of the files. Before, read_written_mask() for a write whose mask the kernel does not show. */
static __always_inline void affinity_write_leave(int result)
{
	struct irq_call *call = irq_call_find();
	struct config_write *write;

	if (!call)
		return;
	write = &call->write;
	if (write->written.type == VALUE_UNKNOWN) {
		set_text(&write->written, call->text, call->text_size, USER_MEMORY);
		if (call->is_list) /* the same text is another value as a list than as a mask */
			write->written.hash = ~write->written.hash;
	}
	if (call->desc)
		read_affinity(&write->new_value, call->desc);
	record_irq_write(0, result);
	irq_call_end();
}

#endif
