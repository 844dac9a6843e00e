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

#define MASK_LETTERS 2048 /* letters read of a text; a longer one is compared as text */

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

/* Adds the region's CPUs. Without branches in the loop, which older verifiers would follow one by one. */
__noinline int add_region(void)
{
	struct irq_call *call = IRQ_HAS_MAPS ? irq_call_find() : NULL;
	struct cpu_region region;
	__u64 *words;

	if (!call)
		return MASK_FAILED;
	region = call->region;
	call->region = (struct cpu_region){.used = 1, .group = 1};
	if (!region.begun)
		return MASK_NEXT;
	if (region.field == REGION_FIRST)
		region.last = region.first;
	if (region.last >= CPU_MASK_BITS)
		return MASK_FAILED;
	words = mask_words(call);
	for (__u64 cpu = 0; cpu < CPU_MASK_BITS; cpu++) {
		__u64 from = cpu - region.first, outside = from | (region.last - cpu);
		__u64 used = from % region.group - region.used; /* negative within the used part */

		words[cpu / 64 % CPU_MASK_WORDS] |= (~outside & used) >> 63 << cpu % 64;
	}
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
	struct irq_call *call = IRQ_HAS_MAPS ? irq_call_find() : NULL;
	char letter = 0;

	if (!call || bpf_probe_read_user(&letter, 1, call->text + at))
		return MASK_FAILED;
	if (letter == '\n' || !letter)
		return MASK_END;
	return call->is_list ? add_to_list(call, letter) : add_hexadecimal(call, letter);
}

__noinline int add_letters(__u32 size)
{
	int step = MASK_NEXT;

	for (__u32 at = 0; at < MASK_LETTERS; at++) {
		if (at >= size)
			return MASK_END;
		step = add_letter(at);
		if (step != MASK_NEXT)
			return step;
	}
	return MASK_FAILED;
}

/* Sets the written value. It stays unknown if the text has no CPUs, or too high ones. */
__noinline int read_written_mask(void)
{
	struct irq_call *call = IRQ_HAS_MAPS ? irq_call_find() : NULL;
	struct setting_value *written;
	int step;

	if (!call || !settings.cpu_ids || !call->text)
		return 0;
	call->region = (struct cpu_region){.used = 1, .group = 1};
	step = add_letters(call->text_size);
	if (step == MASK_END && call->is_list)
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
