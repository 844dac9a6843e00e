/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Counting: adds one to the value of a key. */
#ifndef NETCHANGE_COUNT_BPF_H
#define NETCHANGE_COUNT_BPF_H

#include "bpf/abi/settings.h"
#include "bpf/lib/compat.bpf.h"
#include "bpf/abi/counter.h"

#define COUNT_MAP(name, key_type, value_type)           \
	struct {                                        \
		__uint(type, BPF_MAP_TYPE_HASH);        \
		__uint(max_entries, COUNT_MAP_ENTRIES); \
		__type(key, key_type);                  \
		__type(value, value_type);              \
	} name SEC(".maps")

const volatile struct object_settings settings SEC(SETTINGS_SECTION) = {};
struct object_statistics statistics SEC(STATISTICS_SECTION) = {};

static __always_inline void count_lost_update(enum collector collector)
{
	__sync_fetch_and_add(&statistics.collectors[collector].lost_updates, 1);
}

/*
 * The value of a key, created from `zero` if the key is new. NULL if the map is full: then the caller counts
 * the event as lost, once, even if several maps are full. All bytes of `key` and `zero` must be set.
 */
static __always_inline void *count_value(void *map, const void *key, const void *zero)
{
	void *value = bpf_map_lookup_elem(map, key);

	if (value)
		return value;
	bpf_map_update_elem(map, key, zero, BPF_NOEXIST); /* -EEXIST: another CPU added it first */
	return bpf_map_lookup_elem(map, key);
}

static __always_inline void counter_add(struct counter *counter, __u64 now_ns)
{
	__sync_fetch_and_add(&counter->count, 1);
	/* One aligned store. If two CPUs store at once, the older of two times may win; they are nanoseconds
	 * apart. */
	*(volatile __u64 *)&counter->last_ns = now_ns;
}

#endif
