/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Reads values and compares them. A value must be all zero (VALUE_UNKNOWN) before. */
#ifndef NETCHANGE_SETTING_VALUE_BPF_H
#define NETCHANGE_SETTING_VALUE_BPF_H

#include <stdbool.h>

#include "bpf/lib/compat.bpf.h"
#include "bpf/abi/setting_value.h"

#define PART_CHUNKS         8 /* chunks of SETTING_VALUE_SIZE bytes that are hashed in one step */
#define HASHED_CHUNKS       (8 * PART_CHUNKS) /* a page, more than the kernel takes of any text */
#define SETTING_VALUE_WORDS (SETTING_VALUE_SIZE / 8)
#define TRIMMED_SPACES      4 /* maximum number of trailing white space characters to remove */
#define HASH_PRIME          0x9e3779b97f4a7c15ULL

enum value_memory { KERNEL_MEMORY, USER_MEMORY };

static __always_inline long read_memory(void *to, __u64 size, const void *from, enum value_memory memory)
{
	return memory == USER_MEMORY ? bpf_probe_read_user(to, size, from)
				     : bpf_probe_read_kernel(to, size, from);
}

static __always_inline void set_integer(struct setting_value *value, __s64 number)
{
	*(__s64 *)value->bytes = number;
	value->size = sizeof(number);
	value->hash = number ^ (number >> 32);
	value->type = VALUE_INTEGER;
}

/* Hashes one more word. The shift moves the upper bits down, because they do not affect the lower half of a
 * product. */
static __always_inline __u64 hash_word(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * HASH_PRIME;
	return hash ^ hash >> 29;
}

/* The last chunk is zero-padded. `left`: remaining bytes. */
static __always_inline bool read_chunk(__u64 *chunk, __u32 left, const void *from, enum value_memory memory)
{
	__u64 size = left < SETTING_VALUE_SIZE ? left : SETTING_VALUE_SIZE;

	__builtin_memset(chunk, 0, SETTING_VALUE_SIZE);
	barrier_var(size); /* and no test for 0: clang would check `size - 1`, and older verifiers lose its
			      range */
	return size <= SETTING_VALUE_SIZE && read_memory(chunk, size, from, memory) == 0;
}

/* Stores a value that fits into one chunk, zero-padded. */
static __always_inline void set_chunk(struct setting_value *value, enum value_type type, const __u64 *chunk,
				      __u32 size)
{
	__u64 hash = size;

	__builtin_memcpy(value->bytes, chunk, sizeof(value->bytes));
	for (int word = 0; word < SETTING_VALUE_WORDS; word++)
		hash = hash_word(hash, chunk[word]);
	value->size = size;
	value->hash = hash ^ (hash >> 32);
	value->type = type;
}

/* Hashes one more chunk at the address `from`, of which `left` bytes remain. 0 if it cannot be read. This and
 * the next functions are global and take numbers, so that the verifier checks each once. */
__noinline __u64 hash_chunk(__u64 from, __u32 left, __u32 memory, __u64 hash)
{
	__u64 chunk[SETTING_VALUE_WORDS] = {};

	if (!read_chunk(chunk, left, (const void *)from, memory))
		return 0;
	for (int word = 0; word < SETTING_VALUE_WORDS; word++)
		hash = hash_word(hash, chunk[word]);
	return hash ? hash : 1;
}

/* Hashes at most PART_CHUNKS more chunks. */
__noinline __u64 hash_part(__u64 from, __u32 size, __u32 memory, __u64 hash)
{
	for (__u32 i = 0; i < PART_CHUNKS && i * SETTING_VALUE_SIZE < size && hash; i++)
		hash = hash_chunk(from + i * SETTING_VALUE_SIZE, size - i * SETTING_VALUE_SIZE, memory, hash);
	return hash;
}

/* Hashes at most HASHED_CHUNKS chunks. */
__noinline __u64 hash_memory(__u64 from, __u32 size, __u32 memory)
{
	const __u32 part = PART_CHUNKS * SETTING_VALUE_SIZE;
	__u64 hash = size ? size : 1;

	for (__u32 i = 0; i < HASHED_CHUNKS / PART_CHUNKS && i * part < size && hash; i++)
		hash = hash_part(from + i * part, size - i * part, memory, hash);
	return hash;
}

/* Reads `size` bytes at `from`. The value stays unknown if they cannot be read. */
static __always_inline void set_bytes(struct setting_value *value, enum value_type type, const void *from,
				      __u32 size, enum value_memory memory)
{
	__u64 chunk[SETTING_VALUE_WORDS] = {};
	__u64 hash = hash_memory((__u64)from, size, memory);

	if (!hash || (size && !read_chunk(chunk, size, from, memory)))
		return;
	__builtin_memcpy(value->bytes, chunk, sizeof(value->bytes));
	value->size = size;
	value->hash = hash ^ (hash >> 32);
	value->unread = size > HASHED_CHUNKS * SETTING_VALUE_SIZE;
	value->type = type;
}

static __always_inline bool is_space(char c)
{
	return c == '\n' || c == ' ' || c == '\t' || c == '\r' || c == '\0';
}

/* Reads a text of `size` bytes, with or without NUL. echo ends it with a newline, sysctl(8) does not. */
static __always_inline void set_text(struct setting_value *value, const char *from, __u32 size,
				     enum value_memory memory)
{
	char last = 0;

	for (int i = 0; i < TRIMMED_SPACES && size; i++) {
		if (read_memory(&last, 1, from + size - 1, memory) || !is_space(last))
			break;
		size--;
	}
	set_bytes(value, VALUE_TEXT, from, size, memory);
}

/* Compares two known values. Unread bytes count as different, so this never reports a false "unchanged".
 * Without branches, to keep the verifier's work small. */
static __always_inline bool values_differ(const struct setting_value *a, const struct setting_value *b)
{
	const __u64 *left = (const __u64 *)a->bytes, *right = (const __u64 *)b->bytes;
	__u64 differs =
		(a->type ^ b->type) | (a->size ^ b->size) | (a->hash ^ b->hash) | a->unread | b->unread;

	for (int word = 0; word < SETTING_VALUE_WORDS; word++)
		differs |= left[word] ^ right[word];
	return differs != 0;
}

#endif
