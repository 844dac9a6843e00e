/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What is known of a call between its entry and its exit, by task: a handler may sleep, and come back on
 * another CPU. Task storage would do the same, but tracing programs have it only from 5.11 on.
 *
 * INFLIGHT(struct call, depth) defines the map and, for it, call_begin(), call_find() and call_end().
 * Calls of one task may be nested as deep as `depth` says: a bond sets the MTU of its ports within its own.
 * A call is known by its function (any number, the same at begin and end) and by the object that it works on.
 *
 * A record that is still there when its task begins the same call again had an exit that was missed (a
 * kretprobe out of instances): counted as a lost update. Those of tasks that are gone are taken away, and
 * counted, by user space (BpfObject::SweepInflight).
 */
#ifndef NETCHANGE_INFLIGHT_BPF_H
#define NETCHANGE_INFLIGHT_BPF_H

#include "bpf/lib/count.bpf.h"
#include "bpf/abi/inflight.h"
#include "bpf/lib/kernel_types.h"

#define INFLIGHT_ENTRIES    4096
#define MAX_STACKED_DEVICES 8 /* MAX_NEST_DEV of the kernel's netdevice.h */

/* As bpf_get_current_pid_tgid(), which programs on cgroups do not have on 5.10. */
static __always_inline __u64 current_task_id(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	return (__u64)BPF_CORE_READ(task, tgid) << 32 | (__u32)BPF_CORE_READ(task, pid);
}

#define INFLIGHT(call_type, max_depth)                                                                      \
	struct inflight_record {                                                                            \
		__u64 object;                                                                               \
		__u64 function;                                                                             \
		call_type call;                                                                             \
	};                                                                                                  \
                                                                                                            \
	struct {                                                                                            \
		__uint(type, BPF_MAP_TYPE_HASH);                                                            \
		__uint(max_entries, INFLIGHT_ENTRIES);                                                      \
		__type(key, struct inflight_key);                                                           \
		__type(value, struct inflight_record);                                                      \
	} inflight SEC(".maps");                                                                            \
                                                                                                            \
	static const struct inflight_record kNoCall;                                                        \
                                                                                                            \
	/* The record of a new call, all zero. NULL if there is no room: the call is lost, and counted. */  \
	static __always_inline call_type *call_begin(__u64 function, __u64 object)                          \
	{                                                                                                   \
		struct inflight_key key = {.task = current_task_id()};                                      \
		struct inflight_record *record;                                                             \
		bool missed = false;                                                                        \
		__u64 free = 0;                                                                             \
                                                                                                            \
		_Pragma("unroll") for (int depth = 0; depth < (max_depth); depth++)                         \
		{                                                                                           \
			key.depth = depth;                                                                  \
			record = bpf_map_lookup_elem(&inflight, &key);                                      \
			if (!record)                                                                        \
				break;                                                                      \
			missed |= record->function == function && record->object == object;                 \
			if (missed) {                                                                       \
				count_lost_update();                                                        \
				bpf_map_delete_elem(&inflight, &key);                                       \
			} else {                                                                            \
				free = depth + 1;                                                           \
			}                                                                                   \
		}                                                                                           \
		key.depth = free;                                                                           \
		record = NULL;                                                                              \
		if (free < (max_depth)) {                                                                   \
			bpf_map_update_elem(&inflight, &key, &kNoCall, BPF_ANY);                            \
			record = bpf_map_lookup_elem(&inflight, &key);                                      \
		}                                                                                           \
		if (!record) {                                                                              \
			count_lost_update();                                                                \
			return NULL;                                                                        \
		}                                                                                           \
		record->function = function;                                                                \
		record->object = object;                                                                    \
		return &record->call;                                                                       \
	}                                                                                                   \
                                                                                                            \
	/* The innermost call of this function that the task is in; NULL for none. */                       \
	static __always_inline call_type *call_find(__u64 function)                                         \
	{                                                                                                   \
		struct inflight_key key = {.task = current_task_id()};                                      \
		struct inflight_record *record, *found = NULL;                                              \
                                                                                                            \
		_Pragma("unroll") for (int depth = 0; depth < (max_depth); depth++)                         \
		{                                                                                           \
			key.depth = depth;                                                                  \
			record = bpf_map_lookup_elem(&inflight, &key);                                      \
			if (!record)                                                                        \
				break;                                                                      \
			if (record->function == function)                                                   \
				found = record;                                                             \
		}                                                                                           \
		return found ? &found->call : NULL;                                                         \
	}                                                                                                   \
                                                                                                            \
	/* Ends the call that call_find() finds; calls within it that are still there had a missed exit. */ \
	static __always_inline void call_end(__u64 function)                                                \
	{                                                                                                   \
		struct inflight_key key = {.task = current_task_id()};                                      \
		struct inflight_record *record;                                                             \
		bool found = false;                                                                         \
                                                                                                            \
		_Pragma("unroll") for (int depth = (max_depth)-1; depth >= 0; depth--)                      \
		{                                                                                           \
			if (found)                                                                          \
				break;                                                                      \
			key.depth = depth;                                                                  \
			record = bpf_map_lookup_elem(&inflight, &key);                                      \
			if (!record)                                                                        \
				continue;                                                                   \
			found = record->function == function;                                               \
			if (!found)                                                                         \
				count_lost_update();                                                        \
			bpf_map_delete_elem(&inflight, &key);                                               \
		}                                                                                           \
	}

#endif
