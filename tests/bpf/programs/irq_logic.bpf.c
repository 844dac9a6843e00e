/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Masks of more CPUs than a guest has. */
#include "bpf/irq.bpf.h"

#include "irq_logic.h"

__u64 mask_memory[RECORD_WORDS];

/* As read_mask(). */
SEC("syscall")
int read_words(struct mask_record *record)
{
	struct irq_call *call = irq_call_begin();

	if (!call)
		return 1;
#pragma unroll
	for (int i = 0; i < RECORD_WORDS; i++)
		mask_memory[i] = record->words[i];
	call->text = mask_memory;
	/* As a number, because the verifier tracks pointers to our own memory. */
	read_mask(&call->write.old_value, (const void *)*(const volatile __u64 *)&call->text);
	record->mask = call->write.old_value;
	irq_call_end();
	return 0;
}

SEC("syscall")
int read_mask_text(struct text_record *record)
{
	struct irq_call *call = irq_call_begin();

	if (!call)
		return 1;
	call->text = (const void *)record->text;
	call->text_size = record->size;
	call->is_list = record->is_list;
	read_written_mask();
	record->mask = call->write.written;
	irq_call_end();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
