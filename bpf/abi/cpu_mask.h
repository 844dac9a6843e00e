/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Masks of CPUs that are compared with the mask written last. Both sides make such values. */
#ifndef NETCHANGE_CPU_MASK_H
#define NETCHANGE_CPU_MASK_H

#include "bpf/abi/setting_value.h"

#define CPU_MASK_WORDS (SETTING_VALUE_SIZE / 8)
#define CPU_MASK_BITS  (SETTING_VALUE_SIZE * 8) /* masks with higher CPUs are compared as text */

/* The hash of a whole mask, lowest CPUs first. */
static inline __u32 cpu_mask_hash(const __u64 *words)
{
	__u64 hash = 0;

	for (int word = 0; word < CPU_MASK_WORDS; word++) {
		hash = (hash ^ words[word]) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 29;
	}
	return (__u32)(hash ^ hash >> 32);
}

/* Bytes of a mask of this many CPUs: whole words, as the kernel has them. */
static inline __u32 cpu_mask_size(__u32 cpu_ids)
{
	return (cpu_ids + 63) / 64 * 8;
}

#endif
