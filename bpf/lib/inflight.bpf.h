/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Calls in flight: data of a call between its entry and its exit, by task. A handler may sleep and wake up on
 * another CPU. Task storage would do the same, but tracing programs can use it only from 5.11 on.
 *
 * A record begins with a struct call_head. Calls of one task may be nested, up to `max_depth`: a bond sets
 * the MTU of its ports within its own call. For such calls, a collector has global functions around these, so
 * that the verifier checks the loops once for each program. A call is identified by its function (any number,
 * the same at begin and end) and by the object that it works on. `collector` and `max_depth` must be
 * constants.
 *
 * If a record still exists when its task begins the same call again, its exit was missed (no kretprobe
 * instance was free), and it counts as a lost update. User space deletes the records of exited tasks, and
 * counts them (SweepInflight()).
 */
#ifndef NETCHANGE_INFLIGHT_BPF_H
#define NETCHANGE_INFLIGHT_BPF_H

#include "bpf/abi/inflight.h"
#include "bpf/lib/count.bpf.h"
#include "bpf/lib/kernel_types.h"

#define INFLIGHT_ENTRIES    1024
#define MAX_STACKED_DEVICES 8 /* MAX_NEST_DEV of the kernel's netdevice.h */

/* A map of calls in flight, and <name>_zero, the initial value of its records. */
#define INFLIGHT_MAP(name, record_type)                \
	struct {                                       \
		__uint(type, BPF_MAP_TYPE_HASH);       \
		__uint(max_entries, INFLIGHT_ENTRIES); \
		__type(key, struct inflight_key);      \
		__type(value, record_type);            \
	} name SEC(".maps");                           \
                                                       \
	static const record_type name##_zero

struct call_head {
	__u64 object;
	__u64 function;
};

/* --- calls that may nest ---------------------------------------------------------------------------------
 */

#define NO_CALL (-1) /* instead of a depth */

/* Makes the record of a new call, all zero except for its head, and returns its depth. NO_CALL if the map is
 * full: the call is lost, and counted as lost. */
static __always_inline int inflight_push(enum collector collector, void *map, const void *zero, int max_depth,
					 __u64 function, __u64 object)
{
	struct inflight_key key = {.task = current_task_id()};
	__u64 free = 0, missed = 0, lost = 0;
	struct call_head *head;

	/* Without branches but for the end, to keep the verifier's work small. */
	for (int depth = 0; depth < max_depth; depth++) {
		key.depth = depth;
		head = bpf_map_lookup_elem(map, &key);
		if (!head)
			break;
		missed |= is_zero((head->function ^ function) | (head->object ^ object));
		lost += missed;
		free += 1 - missed;
	}
	for (__u64 i = 0; i < (__u64)max_depth && i < lost; i++) {
		key.depth = free + i;
		bpf_map_delete_elem(map, &key);
	}
	if (lost)
		__sync_fetch_and_add(&statistics.collectors[collector].lost_updates, lost);
	key.depth = free;
	head = NULL;
	if (free < (__u64)max_depth) {
		bpf_map_update_elem(map, &key, zero, BPF_ANY);
		head = bpf_map_lookup_elem(map, &key);
	}
	if (!head) {
		count_lost_update(collector);
		return NO_CALL;
	}
	head->function = function;
	head->object = object;
	return (int)free;
}

/* The call at this depth of the task; NULL if there is none. */
static __always_inline void *inflight_at(void *map, int depth)
{
	struct inflight_key key = {.task = current_task_id(), .depth = depth};

	return depth == NO_CALL ? NULL : bpf_map_lookup_elem(map, &key);
}

/* The depth of the task's innermost call of this function; NO_CALL if there is none. */
static __always_inline int inflight_depth(void *map, int max_depth, __u64 function)
{
	struct inflight_key key = {.task = current_task_id()};
	struct call_head *head;
	int found = NO_CALL;

	_Pragma("unroll") for (int depth = 0; depth < max_depth; depth++)
	{
		key.depth = depth;
		head = bpf_map_lookup_elem(map, &key);
		if (!head)
			break;
		if (head->function == function)
			found = depth;
	}
	return found;
}

/* Ends the call at this depth, as inflight_depth() found it; nothing for NO_CALL. The exits of calls within
 * it that are still recorded were missed. The depths of a task's records have no gaps. */
static __always_inline void inflight_pop(enum collector collector, void *map, int max_depth, int depth)
{
	struct inflight_key key = {.task = current_task_id()};

	for (int i = 0; i < max_depth && depth != NO_CALL; i++) {
		key.depth = depth + i;
		if (bpf_map_delete_elem(map, &key))
			break;
		if (i)
			count_lost_update(collector);
	}
}

/* --- calls that never nest -------------------------------------------------------------------------------
 */

/* The record of a new call, all zero except for its head. NULL if the call is lost. */
static __always_inline void *inflight_begin(enum collector collector, void *map, const void *zero)
{
	return inflight_at(map, inflight_push(collector, map, zero, 1, 0, 0));
}

static __always_inline void *inflight_find(void *map)
{
	return inflight_at(map, 0);
}

static __always_inline void inflight_end(void *map)
{
	struct inflight_key key = {.task = current_task_id()};

	bpf_map_delete_elem(map, &key);
}

#endif
