/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Writes to the affinity of interrupts: what is counted of each (irq.bpf.c, syscall/irq.bpf.h). */
#ifndef NETCHANGE_IRQ_BPF_H
#define NETCHANGE_IRQ_BPF_H

#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/config_write.bpf.h"
#include "bpf/lib/inflight.bpf.h"
#include "bpf/lib/kernel_types.h"

#define SMP_AFFINITY      "smp_affinity"
#define SMP_AFFINITY_LIST "smp_affinity_list"
#define WORD_BITS         64

/* include/linux/irq.h, of an enum without a name: the new mask waits for the next interrupt. */
#define IRQD_SETAFFINITY_PENDING (1 << 8)

CONFIG_WRITES(irq, EVENT_IRQ, 1)

static __always_inline const void *affinity_at(struct irq_desc *desc)
{
	struct irq_common_data___here *here = (void *)&desc->irq_common_data;

	if (bpf_core_field_exists(here->affinity))
		return &here->affinity;
	return BPF_CORE_READ(desc, irq_common_data.affinity);
}

static __always_inline const void *pending_mask_at(struct irq_desc *desc)
{
	struct irq_desc___here *here = (void *)desc;

	if (bpf_core_field_exists(here->pending_mask))
		return &here->pending_mask;
	if (bpf_core_field_exists(desc->pending_mask))
		return BPF_CORE_READ(desc, pending_mask);
	return NULL;
}

/*
 * A mask of all processors has bits behind the last one, which mean nothing: the kernel fills whole words. So
 * the last word is read by itself where it is not full.
 */
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

/* What reading the file shows: the mask that waits, else the one in use. */
static __always_inline void read_affinity(struct setting_value *mask, struct irq_desc *desc)
{
	const void *from = NULL;

	if (BPF_CORE_READ(desc, irq_common_data.state_use_accessors) & IRQD_SETAFFINITY_PENDING)
		from = pending_mask_at(desc);
	if (!from)
		from = affinity_at(desc);
	if (settings.cpu_ids)
		read_mask(mask, from);
}

/* Begins a write of `size` bytes at the user address `text` to one of the two files. */
static __always_inline void affinity_write_begin(struct file *file, const void *text, __u32 size)
{
	struct config_write *write = call_begin(0, 0);

	if (!write)
		return;
	write->start_ns = bpf_ktime_get_boot_ns();
	write->written_at = text;
	write->written_size = size;
	write->key.kind = CONFIG_KIND_IRQ_AFFINITY;
	__builtin_memcpy(write->key.setting, SMP_AFFINITY, sizeof(SMP_AFFINITY));
	write->call = BPF_CORE_READ(file, f_path.dentry, d_name.len) == sizeof(SMP_AFFINITY_LIST) - 1;
	bpf_probe_read_kernel_str(write->key.object, OBJECT_SIZE,
				  BPF_CORE_READ(file, f_path.dentry, d_parent, d_name.name));
	if (!wants_write(&write->key))
		call_end(0);
}

static __always_inline void affinity_write_leave(int result)
{
	struct config_write *write = call_find(0);

	if (!write)
		return;
	set_text(&write->written, write->written_at, write->written_size, USER_MEMORY);
	if (write->call) /* a list: with the same text it is another value than as a mask */
		write->written.hash = ~write->written.hash;
	if (write->source)
		read_affinity(&write->new_value, (struct irq_desc *)write->source);
	record_write(write, result);
	call_end(0);
}

#endif
