/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Masks and lists of queues, longer than in any guest. */
#include "bpf/queues.bpf.h"

#include "queues_logic.h"

#define ROOM 128 /* bytes for a struct xps_map of this kernel */

char list_memory[ROOM + sizeof(((struct list_record *)0)->queues)];

/* A global function takes numbers, and what is loaded from memory is one. */
char *volatile list = NULL;
char *volatile *volatile list_place = NULL;

/* As xps_list_has(). */
SEC("syscall")
int is_in_list(struct list_record *record)
{
	__u32 length = bpf_core_field_offset(struct xps_map, len);
	__u32 queues = bpf_core_field_offset(struct xps_map, queues);

	if (length > ROOM - sizeof(__u32) || queues > ROOM)
		return -1;
	*(__u32 *)(list_memory + length) = record->count;
#pragma unroll /* the verifier allows a context to be read at constant offsets only */
	for (int i = 0; i < RECORD_QUEUES; i++)
		*(__u16 *)(list_memory + queues + i * sizeof(__u16)) = record->queues[i];
	list = list_memory;
	list_place = &list;
	return xps_list_has((__u64)list_place, record->queue);
}

SEC("syscall")
int add_bits(struct bits_record *record)
{
	struct queue_call *call = queue_call_begin();
	struct setting_value *mask;

	if (!call)
		return 1;
	mask = &call->write.old_value;
	mask->size = SETTING_VALUE_SIZE;
#pragma unroll
	for (int i = 0; i < RECORD_BITS; i++)
		if ((__u32)i < record->count)
			add_to_mask(mask, record->bits[i]);
	record->mask = *mask;
	queue_call_end();
	return 0;
}

char *lists[MASK_BITS];
char *volatile *volatile lists_place = NULL;

/* As read_xps() does. */
SEC("syscall")
int read_lists(struct lists_record *record)
{
	__u32 length = bpf_core_field_offset(struct xps_map, len), count = record->count, step = record->step;
	struct queue_call *call = queue_call_begin();

	if (!call || length > ROOM - sizeof(__u32) || !step)
		return 1;
	__builtin_memset(list_memory, 0, sizeof(list_memory));
	*(__u32 *)(list_memory + length) = 1; /* one queue, number 0 */
	for (__u32 i = 0; i < MASK_BITS; i++)
		lists[i] = i % step ? NULL : list_memory;
	lists_place = lists;
	for (__u32 i = 0; i < SETTING_VALUE_SIZE && i * 8 < count; i++)
		call->value.bytes[i] = xps_lists_have((__u64)lists_place + i * 8 * sizeof(*lists),
						      sizeof(*lists), count - i * 8, 0);
	record->mask = call->value;
	queue_call_end();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
