/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Masks of more processors than a guest has. */
#include "bpf/irq.bpf.h"

#include "irq_logic.h"

__u64 mask_memory[RECORD_WORDS];

/* As read_mask(). */
SEC("syscall")
int read_words(struct mask_record *record)
{
	struct config_write *write = call_begin(0, 0);

	if (!write)
		return 1;
#pragma unroll
	for (int i = 0; i < RECORD_WORDS; i++)
		mask_memory[i] = record->words[i];
	write->source = mask_memory;
	/* As a number: the verifier knows where a pointer to our own memory goes. */
	read_mask(&write->old_value, (const void *)*(const volatile __u64 *)&write->source);
	record->mask = write->old_value;
	call_end(0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
