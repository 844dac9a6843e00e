/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to /proc/irq/<number>/smp_affinity and smp_affinity_list. What the interrupt's processors were and
 * are is seen in irq_set_affinity_locked(), which a write reaches when its text is a mask that the kernel
 * takes.
 */
#include "compat.bpf.h"

#include "config_write.bpf.h"
#include "file_write.bpf.h"
#include "hook.bpf.h"
#include "kernel_types.h"
#include "result.bpf.h"

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
static __always_inline void read_mask(struct datum *mask, const void *from)
{
	__u32 full = settings.cpu_ids / WORD_BITS, rest = settings.cpu_ids % WORD_BITS;
	__u64 last = 0;

	set_bytes(mask, DATUM_MASK, from, full * sizeof(last), KERNEL_MEMORY);
	if (mask->type == DATUM_UNKNOWN || !rest)
		return;
	if (bpf_probe_read_kernel(&last, sizeof(last), from + full * sizeof(last))) {
		mask->type = DATUM_UNKNOWN;
		return;
	}
	last &= (1ULL << rest) - 1;
	if (full < DATUM_WORDS)
		((__u64 *)mask->bytes)[full] = last;
	mask->hash = (mask->hash ^ last ^ last >> 32) * (__u32)HASH_PRIME;
	mask->size += sizeof(last);
}

/* What reading the file shows: the mask that waits, else the one in use. */
static __always_inline void read_affinity(struct datum *mask, struct irq_desc *desc)
{
	const void *from = NULL;

	if (BPF_CORE_READ(desc, irq_common_data.state_use_accessors) & IRQD_SETAFFINITY_PENDING)
		from = pending_mask_at(desc);
	if (!from)
		from = affinity_at(desc);
	if (settings.cpu_ids)
		read_mask(mask, from);
}

/* ssize_t write(file, const char __user *, size_t, loff_t *), of both files */
static __always_inline void affinity_write_enter(const __u64 *arguments)
{
	struct file *file = (struct file *)arguments[0];
	struct config_write *write = call_begin(0, 0);

	if (!write)
		return;
	write->start_ns = bpf_ktime_get_boot_ns();
	write->written_at = (const void *)arguments[1];
	write->written_size = (__u32)arguments[2];
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

HOOK(irq_affinity_proc_write, 4, affinity_write_enter, affinity_write_leave)
HOOK(irq_affinity_list_proc_write, 4, affinity_write_enter, affinity_write_leave)

/* int irq_set_affinity_locked(irq_data, const cpumask *, bool force), by whomever: only the first of a write
 */
static __always_inline void set_affinity_enter(const __u64 *arguments)
{
	struct irq_data *data = (struct irq_data *)arguments[0];
	struct config_write *write = call_find(0);
	struct irq_desc *desc;

	if (!write || write->source)
		return;
	desc = (void *)BPF_CORE_READ(data, common) - bpf_core_field_offset(struct irq_desc, irq_common_data);
	write->source = desc;
	bpf_probe_read_kernel_str(write->detail, sizeof(write->detail), BPF_CORE_READ(desc, action, name));
	read_affinity(&write->old_value, desc);
}

HOOK_ENTRY(irq_set_affinity_locked, irq_set_affinity_locked, 3, set_affinity_enter)

/* --- as system calls, where no function can be looked at: the text is compared ---------------------------
 */

static __always_inline void file_write_enter(struct file_write *sent)
{
	const __u64 arguments[] = {(__u64)sent->file, sent->text, sent->size};

	if (!is_write_to(sent, LENGTH_OF(SMP_AFFINITY) | LENGTH_OF(SMP_AFFINITY_LIST)) ||
	    !is_file_of(sent, PROC_SUPER_MAGIC, "irq", sizeof("irq")) ||
	    (!same_bytes(sent->name, SMP_AFFINITY, sizeof(SMP_AFFINITY)) &&
	     !same_bytes(sent->name, SMP_AFFINITY_LIST, sizeof(SMP_AFFINITY_LIST))))
		return;
	affinity_write_enter(arguments);
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

char LICENSE[] SEC("license") = "GPL";
