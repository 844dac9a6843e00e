/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The CPUs that a written text names, where the kernel's own mask cannot be read. The kernel has accepted the
 * text, so only the meaning matters here: bitmap_parse() and bitmap_parselist() of the kernel's
 * lib/bitmap-str.c. The functions are global and take numbers, so that the verifier checks each once.
 */
#ifndef NETCHANGE_IRQ_MASK_BPF_H
#define NETCHANGE_IRQ_MASK_BPF_H

#include "bpf/abi/cpu_mask.h"
#include "bpf/irq_call.bpf.h"

/* Letters read of a text: 2,048. A longer one is compared as text. */
#define MASK_STEPS   32
#define STEP_LETTERS 64

enum mask_step { MASK_FAILED = -1, MASK_END = 0, MASK_NEXT = 1 };

static __always_inline __u64 *mask_words(struct irq_call *call)
{
	return (__u64 *)call->write.written.bytes;
}

/* --- "1,00000003": groups of at most 8 hexadecimal digits, the highest first -----------------------------
 */

static __always_inline int hexadecimal(char letter)
{
	if (letter >= '0' && letter <= '9')
		return letter - '0';
	letter |= 'a' - 'A';
	return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Makes room for one more group. */
static __always_inline int begin_group(__u64 *words)
{
	if (words[CPU_MASK_WORDS - 1] >> 32)
		return MASK_FAILED;
	_Pragma("unroll") for (int word = CPU_MASK_WORDS - 1; word > 0; word--) words[word] =
		words[word] << 32 | words[word - 1] >> 32;
	words[0] <<= 32;
	return MASK_NEXT;
}

static __always_inline int add_hexadecimal(struct irq_call *call, char letter)
{
	__u64 *words = mask_words(call);
	int digit = hexadecimal(letter);

	if (digit < 0) {
		call->region.apart = 1;
		return MASK_NEXT;
	}
	if (call->region.apart && begin_group(words) == MASK_FAILED)
		return MASK_FAILED;
	call->region.apart = 0;
	words[0] = (words[0] & ~0xffffffffULL) | (__u32)(words[0] << 4 | digit);
	return MASK_NEXT;
}

/* --- "0-3,8", "0-31:1/4": regions of a list --------------------------------------------------------------
 */

#define STEP_CPUS_OF_REGION 8

/* The region's CPUs of 8, from `first` on. Without branches in the loop, which older verifiers would follow
 * one by one. */
__noinline __u64 some_cpus_of_region(__u64 first)
{
	struct irq_call *call = is_traced(COLLECTOR_IRQ) ? irq_call_find() : NULL;
	struct cpu_region region;
	__u64 cpus = 0;

	if (!call)
		return 0;
	region = call->region;
	for (__u64 i = 0; i < STEP_CPUS_OF_REGION; i++) {
		__u64 from = first + i - region.first, outside = from | (region.last - first - i);
		__u64 used = from % region.group - region.used; /* negative within the used part */

		cpus |= (~outside & used) >> 63 << i;
	}
	return cpus;
}

/* The region's CPUs of 64. */
static __always_inline __u64 cpus_of_region(__u64 first)
{
	__u64 cpus = 0;

	for (__u64 i = 0; i < 64; i += STEP_CPUS_OF_REGION)
		cpus |= some_cpus_of_region(first + i) << i;
	return cpus;
}

/* Adds the region's CPUs. */
__noinline int add_region(void)
{
	struct irq_call *call = is_traced(COLLECTOR_IRQ) ? irq_call_find() : NULL;
	struct cpu_region *region;

	if (!call)
		return MASK_FAILED;
	region = &call->region;
	if (region->begun && region->field == REGION_FIRST)
		region->last = region->first;
	if (region->begun && region->last >= CPU_MASK_BITS)
		return MASK_FAILED;
	for (__u32 word = 0; word < CPU_MASK_WORDS && region->begun; word++)
		mask_words(call)[word] |= cpus_of_region(word * 64);
	*region = (struct cpu_region){.used = 1, .group = 1};
	return MASK_NEXT;
}

static __always_inline int add_to_list(struct irq_call *call, char letter)
{
	struct cpu_region *region = &call->region;
	__u32 field = region->field % REGION_FIELDS;
	__u64 last = settings.cpu_ids - 1;

	if (letter == ',' || letter == ' ' || (letter >= '\t' && letter <= '\r'))
		return add_region();
	region->begun = 1;
	if (letter >= '0' && letter <= '9')
		region->numbers[field] = region->numbers[field] * 10 + (letter - '0');
	else if (letter == 'N')
		region->numbers[field] = last;
	else if (letter == 'a' || letter == 'A') /* "all" */
		region->last = last, region->field = REGION_LAST;
	else if (letter == '-')
		region->field = REGION_LAST;
	else if (letter == ':')
		region->used = 0, region->field = REGION_USED;
	else if (letter == '/')
		region->group = 0, region->field = REGION_GROUP;
	return MASK_NEXT;
}

/* --- both ------------------------------------------------------------------------------------------------
 */

/* Reads the letter at this offset of the text. Returns enum mask_step. */
__noinline int add_letter(__u32 at)
{
	struct irq_call *call = is_traced(COLLECTOR_IRQ) ? irq_call_find() : NULL;
	char letter = 0;

	if (!call || bpf_probe_read_user(&letter, 1, call->text + at))
		return MASK_FAILED;
	if (letter == '\n' || !letter)
		return MASK_END;
	return call->is_list ? add_to_list(call, letter) : add_hexadecimal(call, letter);
}

/* Some letters, from this offset on. */
__noinline int add_letters(__u32 from, __u32 size)
{
	int step = MASK_NEXT;

	for (__u32 i = 0; i < STEP_LETTERS && step == MASK_NEXT; i++)
		step = from + i < size ? add_letter(from + i) : MASK_END;
	return step;
}

/* Sets the written value. It stays unknown if the text has no CPUs, or too high ones. */
__noinline int read_written_mask(void)
{
	struct irq_call *call = is_traced(COLLECTOR_IRQ) ? irq_call_find() : NULL;
	struct setting_value *written;
	int step = MASK_NEXT;

	if (!call || !settings.cpu_ids || !call->text)
		return 0;
	call->region = (struct cpu_region){.used = 1, .group = 1};
	for (__u32 i = 0; i < MASK_STEPS && step == MASK_NEXT; i++)
		step = add_letters(i * STEP_LETTERS, call->text_size);
	if (step != MASK_END) /* failed, or the text goes on */
		step = MASK_FAILED;
	else if (call->is_list)
		step = add_region();
	written = &call->write.written;
	if (step == MASK_FAILED) {
		__builtin_memset(written->bytes, 0, sizeof(written->bytes));
		return 0;
	}
	_Pragma("unroll") for (__u32 word = 0; word < CPU_MASK_WORDS; word++)
	{
		if (settings.cpu_ids <= word * 64)
			mask_words(call)[word] = 0;
		else if (settings.cpu_ids < word * 64 + 64)
			mask_words(call)[word] &= (1ULL << settings.cpu_ids % 64) - 1;
	}
	written->size = cpu_mask_size(settings.cpu_ids);
	written->hash = cpu_mask_hash(mask_words(call));
	written->type = VALUE_MASK;
	return 0;
}

#endif
