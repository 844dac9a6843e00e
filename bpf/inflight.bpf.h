/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What is known of a call between its entry and its exit, by task: a handler may sleep, and come back on
 * another CPU. Task storage would do the same, but tracing programs have it only from 5.11 on.
 *
 * INFLIGHT(struct call) defines the map and, for it, call_begin(), call_find() and call_end().
 * A record that is still there when its task begins the next call had an exit that was missed (a kretprobe
 * out of instances): counted as a lost update. Those of tasks that are gone are taken away, and counted, by
 * user space (BpfObject::SweepInflight).
 */
#ifndef NETCHANGE_INFLIGHT_BPF_H
#define NETCHANGE_INFLIGHT_BPF_H

#include "count.bpf.h"

#define INFLIGHT_ENTRIES 4096

#define INFLIGHT(call_type)                                                                                \
	struct {                                                                                           \
		__uint(type, BPF_MAP_TYPE_HASH);                                                           \
		__uint(max_entries, INFLIGHT_ENTRIES);                                                     \
		__type(key, __u64);                                                                        \
		__type(value, call_type);                                                                  \
	} inflight SEC(".maps");                                                                           \
                                                                                                           \
	static const call_type kNoCall;                                                                    \
                                                                                                           \
	static __always_inline call_type *call_find(void)                                                  \
	{                                                                                                  \
		__u64 task = bpf_get_current_pid_tgid();                                                   \
                                                                                                           \
		return bpf_map_lookup_elem(&inflight, &task);                                              \
	}                                                                                                  \
                                                                                                           \
	static __always_inline void call_end(void)                                                         \
	{                                                                                                  \
		__u64 task = bpf_get_current_pid_tgid();                                                   \
                                                                                                           \
		bpf_map_delete_elem(&inflight, &task);                                                     \
	}                                                                                                  \
                                                                                                           \
	/* The record of a new call, all zero. NULL if there is no room: the call is lost, and counted. */ \
	static __always_inline call_type *call_begin(void)                                                 \
	{                                                                                                  \
		__u64 task = bpf_get_current_pid_tgid();                                                   \
		call_type *call;                                                                           \
                                                                                                           \
		if (bpf_map_lookup_elem(&inflight, &task))                                                 \
			count_lost_update();                                                               \
		bpf_map_update_elem(&inflight, &task, &kNoCall, BPF_ANY);                                  \
		call = bpf_map_lookup_elem(&inflight, &task);                                              \
		if (!call)                                                                                 \
			count_lost_update();                                                               \
		return call;                                                                               \
	}

#endif
