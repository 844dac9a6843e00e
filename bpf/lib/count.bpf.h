/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Counting: adds one to the value of a key.
 *
 * Everybody may make new keys, with invented names of processes and devices. So that nobody can fill a map
 * and blind it, a key that does not fit is folded: its event is counted by a key that differs less.
 * Unprivileged actors (struct actor) have a quarter of each map.
 */
#ifndef NETCHANGE_COUNT_BPF_H
#define NETCHANGE_COUNT_BPF_H

#include "bpf/abi/settings.h"
#include "bpf/lib/compat.bpf.h"
#include "bpf/abi/counter.h"

#define COUNT_MAP(name, key_type, value_type)                          \
	struct {                                                       \
		__uint(type, BPF_MAP_TYPE_HASH);                       \
		__uint(max_entries, COUNT_MAP_ENTRIES + FOLD_ENTRIES); \
		__type(key, key_type);                                 \
		__type(value, value_type);                             \
	} name SEC(".maps")

const volatile struct object_settings settings SEC(SETTINGS_SECTION) = {};
struct object_statistics statistics SEC(STATISTICS_SECTION) = {};
volatile struct object_deletions deletions SEC(DELETIONS_SECTION) = {};

/* False if the object does not trace for this collector. Then it does not have its maps. Constant after
 * loading. Global functions check it, because older verifiers check them even if nothing calls them. */
static __always_inline bool is_traced(enum collector collector)
{
	return settings.collectors[collector].traced;
}

static __always_inline void count_lost_update(enum collector collector)
{
	__sync_fetch_and_add(&statistics.collectors[collector].lost_updates, 1);
}

/* What a key has lost, to find room. The next is tried if the one before finds none. */
enum fold {
	FOLD_NOTHING,
	FOLD_ACTOR,  /* "other" instead of the actor's names */
	FOLD_DEVICE, /* and instead of the device's */
};

/* A count map, and what its entries need. */
struct count_map_of {
	void *map;
	enum collector collector;
	enum count_map which;
	bool unprivileged; /* as in struct actor, of who makes the event */
};

/* Close to exact: at the limit, each CPU may add one entry more. */
static __always_inline bool has_room(const struct count_map_of *of, enum fold fold)
{
	const struct map_usage *created = &statistics.collectors[of->collector].created[of->which];
	const volatile struct map_usage *deleted = &deletions.collectors[of->collector][of->which];
	__u64 most = settings.max_entries, quarter = settings.max_entries / 4;

	if (fold == FOLD_DEVICE)
		return true;
	if (fold == FOLD_ACTOR)
		most += FOLD_ENTRIES / 2;
	else
		quarter -= quarter / 4;
	return created->entries - deleted->entries < most &&
	       (!of->unprivileged || created->unprivileged - deleted->unprivileged < quarter);
}

/* Adds an entry. Another CPU may have added it first. */
static __always_inline void add_entry(const struct count_map_of *of, const void *key, const void *value)
{
	struct map_usage *created = &statistics.collectors[of->collector].created[of->which];

	if (bpf_map_update_elem(of->map, key, value, BPF_NOEXIST))
		return;
	__sync_fetch_and_add(&created->entries, 1);
	if (of->unprivileged)
		__sync_fetch_and_add(&created->unprivileged, 1);
}

/*
 * The value of a key, created from `zero` if the key is new. NULL if it does not fit: then the caller folds
 * the key. After FOLD_DEVICE it counts the event as lost, once, even if several maps are full. All bytes of
 * `key` and `zero` must be set.
 */
static __always_inline void *count_value(const struct count_map_of *of, const void *key, const void *zero,
					 enum fold fold)
{
	void *value = bpf_map_lookup_elem(of->map, key);

	if (value || !has_room(of, fold))
		return value;
	add_entry(of, key, zero);
	return bpf_map_lookup_elem(of->map, key);
}

static __always_inline void counter_add(struct counter *counter, __u64 now_ns)
{
	__sync_fetch_and_add(&counter->count, 1);
	/* One aligned store. If two CPUs store at once, the older of two times may win; they are nanoseconds
	 * apart. */
	*(volatile __u64 *)&counter->last_ns = now_ns;
}

#endif
