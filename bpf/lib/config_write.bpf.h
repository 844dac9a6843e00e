/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Configuration writes of any kind: the maps, and the function that counts a write. */
#ifndef NETCHANGE_CONFIG_WRITE_BPF_H
#define NETCHANGE_CONFIG_WRITE_BPF_H

#include "bpf/abi/config_write.h"
#include "bpf/lib/event.bpf.h"
#include "bpf/lib/filter.bpf.h"
#include "bpf/lib/result.bpf.h"
#include "bpf/lib/setting_value.bpf.h"

/*
 * A write in flight. Its key and old value are filled in at the entry, the other values at the exit; each
 * stays unknown where it cannot be read. A collector's record of a call has one, and its own members beside
 * it.
 */
struct config_write {
	__u64 start_ns;
	struct setting_value old_value; /* the kernel's value before */
	struct setting_value new_value; /* the kernel's value now */
	struct setting_value written;   /* the requested value */
	struct config_write_key key;
	struct config_value_key value_key;
	char detail[CONFIG_DETAIL_SIZE];
	__u8 no_value;  /* 1: the written value is not stored as the setting's value */
	__u8 continued; /* 1: the continuation of an earlier write (file position > 0), so a change */
};

/* The two maps of a collector of configuration writes, as arguments of record_config_write(). */
#define CONFIG_MAPS(collector)                                                                \
	COUNT_MAP(collector##_writes, struct config_write_key, struct config_write_counters); \
	COUNT_MAP(collector##_values, struct config_value_key, struct config_value)

FILTER_MAP(setting_filter);

static const struct config_write_counters kNoWrites;

static __always_inline bool wants_setting(enum collector collector, const char *setting)
{
	struct filter_key key = {.prefix_bits = FILTER_BITS(FILTER_TEXT_SIZE), .collector = collector};
	__u32 otherwise = settings.collectors[collector].filter_settings;

	if (!otherwise)
		return true;
	__builtin_memcpy(key.text, setting, SETTING_SIZE);
	return passes_filter(&setting_filter, otherwise, &key);
}

static __always_inline bool wants_write(enum collector collector, const struct config_write_key *key)
{
	return wants_setting(collector, key->setting) && wants_device(collector, &key->device);
}

/* The best known form of the requested value. */
static __always_inline const struct setting_value *wanted_value(const struct config_write *write)
{
	return write->written.type != VALUE_UNKNOWN ? &write->written : &write->new_value;
}

/* Compares the stored beginning of a value. Without branches, to keep the verifier's work small. */
static __always_inline bool beginning_differs(const struct config_value *last,
					      const struct setting_value *wanted)
{
	__u64 differs = 0;

	for (int word = 0; word < VALUE_SIZE / 8; word++)
		differs |= ((const __u64 *)last->bytes)[word] ^ ((const __u64 *)wanted->bytes)[word];
	return differs != 0;
}

/* False if the kernel's value is not known before and after. */
static __always_inline bool knows_values(const struct config_write *write)
{
	return write->old_value.type != VALUE_UNKNOWN && write->new_value.type != VALUE_UNKNOWN;
}

/*
 * If the kernel's value is not known before and after, the written value is compared with the one written
 * there last. The first write then counts as a change.
 */
static __always_inline bool is_change(void *values, const struct config_write *write, int result)
{
	const struct setting_value *wanted = wanted_value(write);
	const struct config_value *last;

	if (knows_values(write))
		return values_differ(&write->old_value, &write->new_value);
	if (result < 0)
		return false;
	if (write->no_value)
		return write->continued;
	last = bpf_map_lookup_elem(values, &write->value_key);
	return !last || last->size != wanted->size || last->hash != wanted->hash ||
	       beginning_differs(last, wanted) || last->unread || wanted->unread ||
	       wanted->type == VALUE_UNKNOWN;
}

static __always_inline void fill_value_key(struct config_write *write)
{
	struct config_value_key *key = &write->value_key;

	key->device = write->key.device;
	__builtin_memcpy(key->setting, write->key.setting, sizeof(key->setting));
	__builtin_memcpy(key->object, write->key.object, sizeof(key->object));
	key->kind = write->key.kind;
}

/* A value that does not fit is not stored; its write is counted all the same. */
static __always_inline void store_value(const struct count_map_of *values, const struct config_write *write,
					__u64 now_ns)
{
	const struct config_value *stored = bpf_map_lookup_elem(values->map, &write->value_key);
	const struct setting_value *wanted = wanted_value(write);
	struct config_value value = {.time_ns = now_ns, .size = wanted->size, .hash = wanted->hash};

	value.type = wanted->type;
	value.unread = wanted->unread;
	__builtin_memcpy(value.bytes, wanted->bytes, sizeof(value.bytes));
	value.unprivileged = stored ? stored->unprivileged : values->unprivileged;
	if (stored)
		bpf_map_update_elem(values->map, &write->value_key, &value, BPF_EXIST);
	else if (has_room(values, FOLD_NOTHING))
		add_entry(values, &write->value_key, &value);
}

/* The kernel has appended to the value that was written there last, so the next one is a change. */
static __always_inline void invalidate_value(void *values, const struct config_write *write)
{
	struct config_value *stored = bpf_map_lookup_elem(values, &write->value_key);

	if (stored)
		stored->unread = 1;
}

/* Folds the key if it does not fit. NULL if the map is full. */
static __always_inline struct config_write_counters *writes_of(const struct count_map_of *writes,
							       struct config_write_key *key)
{
	struct config_write_counters *counters = count_value(writes, key, &kNoWrites, FOLD_NOTHING);

	if (counters)
		return counters;
	fold_actor(&key->actor);
	counters = count_value(writes, key, &kNoWrites, FOLD_ACTOR);
	if (counters)
		return counters;
	fold_device(&key->device);
	if (key->object[0]) {
		__builtin_memset(key->object, 0, sizeof(key->object));
		__builtin_memcpy(key->object, OTHER, sizeof(OTHER));
	}
	return count_value(writes, key, &kNoWrites, FOLD_DEVICE);
}

static __always_inline void emit_write(enum collector collector, const struct config_write *write,
				       bool changed, int result, __u64 now_ns)
{
	struct event *event = emit_begin(collector, &write->key.device, result, write->start_ns, now_ns);
	struct config_event *config;

	if (!event)
		return;
	config = &event->config;
	config->kind = write->key.kind;
	if (changed)
		config->flags = CONFIG_EVENT_CHANGED;
	config->old_value = write->old_value;
	config->new_value = write->new_value;
	config->written = write->written;
	__builtin_memcpy(config->setting, write->key.setting, sizeof(config->setting));
	__builtin_memcpy(config->object, write->key.object, sizeof(config->object));
	__builtin_memcpy(config->detail, write->detail, sizeof(config->detail));
	emit_end(event);
}

/* A write has ended: counts it in the collector's maps and emits its event. */
static __always_inline void record_config_write(enum collector collector, void *writes, void *values,
						struct config_write *write, int result)
{
	__u64 now = bpf_ktime_get_boot_ns();
	struct count_map_of events = {writes, collector, COUNT_MAP_EVENTS, false};
	struct count_map_of details = {values, collector, COUNT_MAP_DETAILS, false};
	struct config_write_counters *counters;
	bool changed;

	fill_value_key(write);
	changed = is_change(values, write, result);
	write->key.error = error_of(result);
	emit_write(collector, write, changed, result, now); /* before its key is folded */
	read_actor_labels(&write->key.actor);
	events.unprivileged = details.unprivileged = write->key.actor.unprivileged;
	if (result >= 0 && !write->no_value)
		store_value(&details, write, now);
	if (result >= 0 && write->continued && !knows_values(write))
		invalidate_value(values, write);
	counters = writes_of(&events, &write->key);
	if (!counters) {
		count_lost_update(collector);
		return;
	}
	counter_add(&counters->writes, now);
	if (changed)
		counter_add(&counters->changes, now);
}

#endif
