/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Configuration writes of any kind: the maps, and the steps that compare, store, emit and count a write. */
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
	struct setting_value written;   /* the requested value; these three as in struct config_event */
	struct config_write_key key;
	struct config_value_key value_key;
	char detail[CONFIG_DETAIL_SIZE];
	__u64 position;  /* in the file; above 0 it continues an earlier write */
	__u64 end_ns;    /* CLOCK_BOOTTIME */
	__u64 cgroup;    /* as read_actor() returns it */
	__u8 no_value;   /* 1: the written value is not stored as the setting's value */
	__u8 comparison; /* enum comparison */
	__u8 next_part;  /* 1: of a text whose first part has been counted */
};

/* The two maps of a collector of configuration writes. */
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

/* Compares the stored first part with a value. Without branches, to keep the verifier's work small. */
static __always_inline bool first_part_differs(const struct config_value *last,
					       const struct setting_value *wanted)
{
	__u64 differs =
		(last->size ^ wanted->size) | (last->hash ^ wanted->hash) | last->unread | wanted->unread;

	for (int word = 0; word < VALUE_SIZE / 8; word++)
		differs |= ((const __u64 *)last->bytes)[word] ^ ((const __u64 *)wanted->bytes)[word];
	return differs != 0;
}

/* False if the kernel's value is not known before and after. */
static __always_inline bool knows_values(const struct config_write *write)
{
	return write->old_value.type != VALUE_UNKNOWN && write->new_value.type != VALUE_UNKNOWN;
}

/* Compares the written value with the one written there last. The first write counts as a change. */
static __always_inline enum comparison compare_written(const struct config_value *last,
						       const struct config_write *write, int result)
{
	const struct setting_value *wanted = wanted_value(write);

	if (result < 0)
		return SAME_VALUE;
	if (write->no_value) /* the kernel appends to what it has */
		return write->position ? OTHER_VALUE : SAME_VALUE;
	if (!last || wanted->type == VALUE_UNKNOWN || first_part_differs(last, wanted))
		return OTHER_VALUE;
	return last->text.hash == last->hash ? SAME_VALUE : FIRST_PART;
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
static __always_inline void store_value(const struct count_map_of *values, const struct config_value *stored,
					const struct config_write *write, int result)
{
	const struct setting_value *wanted = wanted_value(write);
	struct config_value value = {.time_ns = write->end_ns, .size = wanted->size, .hash = wanted->hash};

	value.type = wanted->type;
	value.unread = wanted->unread;
	bpf_probe_read_kernel(value.bytes, sizeof(value.bytes), wanted->bytes);
	value.comparison = write->comparison;
	value.process = bpf_get_current_pid_tgid() >> 32;
	value.end = result;
	value.text.size = wanted->size;
	value.text.hash = wanted->hash;
	value.unprivileged = values->unprivileged;
	if (stored) {
		value.text_before = stored->text;
		value.unprivileged = stored->unprivileged;
		bpf_map_update_elem(values->map, &write->value_key, &value, BPF_EXIST);
	} else if (has_room(values, FOLD_NOTHING))
		add_entry(values, &write->value_key, &value);
}

/* --- texts in several parts --------------------------------------------------------------------------------
 *
 * A program can write a list of ports with several calls, for example with stdio, whose buffer is small. The
 * kernel takes the first part as the value, and appends each later one, at the file position where the one
 * before ended. Together they are one write, and at most one change. Values that can be read are compared
 * instead, for each write.
 */

/* True if it continues the stored text. */
static __always_inline bool is_next_part(const struct config_value *stored, const struct config_write *write,
					 int result)
{
	return stored && result >= 0 && write->position && stored->end == write->position &&
	       !knows_values(write) && stored->process == (__u32)(bpf_get_current_pid_tgid() >> 32);
}

/* The stored text with one more part. */
static __always_inline struct text_identity text_with(const struct config_value *stored,
						      const struct config_write *write)
{
	const struct setting_value *part = wanted_value(write);
	struct text_identity text = stored->text;
	__u64 hash;

	if (part->size) {
		hash = hash_word((__u64)text.hash << 32 | part->hash, part->size);
		text.hash = hash ^ hash >> 32;
		text.size += part->size;
	}
	return text;
}

/* Compares the text so far with the text before. */
static __always_inline enum comparison compare_part(const struct config_value *stored,
						    const struct config_write *write)
{
	struct text_identity text = text_with(stored, write), before = stored->text_before;

	const struct setting_value *part = wanted_value(write);

	if (stored->comparison == OTHER_VALUE)
		return part->size || part->type == VALUE_UNKNOWN ? OTHER_PART : SAME_VALUE;
	if (part->unread || part->type == VALUE_UNKNOWN)
		return OTHER_VALUE;
	if (text.hash == before.hash && text.size == before.size)
		return SAME_VALUE;
	return stored->comparison == FIRST_PART && text.size < before.size ? FIRST_PART : OTHER_VALUE;
}

static __always_inline void add_part(struct config_value *stored, const struct config_write *write,
				     int result)
{
	const struct setting_value *part = wanted_value(write);

	stored->text = text_with(stored, write);
	stored->end += result;
	if (part->type == VALUE_UNKNOWN || part->unread)
		stored->unread = 1;
	if (stored->comparison != OTHER_VALUE)
		stored->comparison = write->comparison;
}

/* --- counting ----------------------------------------------------------------------------------------------
 */

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

/* --- the end of a write: four steps, CONFIG_STEPS() ------------------------------------------------------
 */

/* The kernel's values decide, or, if they are not known before and after, the written ones. */
static __always_inline enum comparison compare_values(const struct config_value *stored,
						      const struct config_write *write, int result)
{
	if (knows_values(write))
		return values_differ(&write->old_value, &write->new_value) ? OTHER_VALUE : SAME_VALUE;
	return stored && write->next_part ? compare_part(stored, write)
					  : compare_written(stored, write, result);
}

/* Compares the value with the one before. */
static __always_inline void compare_write(enum collector collector, void *values, struct config_write *write,
					  int result)
{
	struct config_value *stored;

	write->end_ns = bpf_ktime_get_boot_ns();
	write->key.error = error_of(result);
	fill_value_key(write);
	stored = bpf_map_lookup_elem(values, &write->value_key);
	if (collector == COLLECTOR_SYSCTL && is_next_part(stored, write, result))
		write->next_part = 1;
	write->comparison = compare_values(stored, write, result);
	write->cgroup = read_actor(&write->key.actor);
}

/* Stores the value. */
static __always_inline void store_write(enum collector collector, void *values,
					const struct config_write *write, int result)
{
	struct count_map_of details = {values, collector, COUNT_MAP_DETAILS, write->key.actor.unprivileged};
	struct config_value *stored = bpf_map_lookup_elem(values, &write->value_key);

	if (result < 0)
		return;
	if (stored && write->next_part)
		add_part(stored, write, result);
	else if (!write->no_value)
		store_value(&details, stored, write, result);
	else if (stored && write->position && !knows_values(write))
		stored->unread = 1; /* the kernel has appended to it, so the next text is a change */
}

/* Emits the event. */
static __always_inline void emit_write(enum collector collector, const struct config_write *write, int result)
{
	struct event *event = emit_begin(collector, &write->key.device, &write->key.actor, write->cgroup,
					 result, write->start_ns, write->end_ns);
	struct config_event *config;

	if (!event)
		return;
	config = &event->config;
	config->kind = write->key.kind;
	if (write->comparison == OTHER_VALUE || write->comparison == OTHER_PART)
		config->flags = CONFIG_EVENT_CHANGED;
	_Static_assert(offsetof(struct config_event, written) - offsetof(struct config_event, old_value) ==
			       offsetof(struct config_write, written) -
				       offsetof(struct config_write, old_value),
		       "the three values are copied at once");
	bpf_probe_read_kernel(&config->old_value, 3 * sizeof(config->old_value), &write->old_value);
	__builtin_memcpy(config->setting, write->key.setting, sizeof(config->setting));
	__builtin_memcpy(config->object, write->key.object, sizeof(config->object));
	__builtin_memcpy(config->detail, write->detail, sizeof(config->detail));
	emit_end(event);
}

/* Counts a change, if it is one. */
static __always_inline void count_change(struct config_write_counters *counters,
					 const struct config_write *write)
{
	__u64 pending_ns = counters->pending.count ? counters->pending.last_ns : 0, now = write->end_ns;

	if (write->next_part && write->comparison == FIRST_PART)
		return; /* as before: parts are missing */
	if (pending_ns) {
		if (!write->next_part || write->comparison != SAME_VALUE ||
		    now - pending_ns >= PENDING_CHANGE_NS)
			counter_add(&counters->changes, pending_ns);
		counters->pending.count = 0;
	}
	if (write->comparison == OTHER_VALUE && !(write->next_part && pending_ns))
		counter_add(&counters->changes, now);
	if (write->comparison == FIRST_PART) {
		counters->pending.last_ns = now;
		counters->pending.count = 1;
	}
}

/* Counts it. Its key is changed. */
static __always_inline void count_write(enum collector collector, void *writes, struct config_write *write)
{
	struct count_map_of events = {writes, collector, COUNT_MAP_EVENTS, write->key.actor.unprivileged};
	struct config_write_counters *counters;

	keep_labels(&write->key.actor);
	counters = writes_of(&events, &write->key);
	if (!counters) {
		count_lost_update(collector);
		return;
	}
	if (!write->next_part)
		counter_add(&counters->writes, write->end_ns);
	if (collector == COLLECTOR_SYSCTL)
		count_change(counters, write);
	else if (write->comparison == OTHER_VALUE)
		counter_add(&counters->changes, write->end_ns);
}

/* One step of CONFIG_STEPS(): the function <name>_<step>(), which calls <step>() with the other arguments. */
#define CONFIG_STEP(name, step, parameters, ...)                     \
	__noinline int name##_##step parameters                      \
	{                                                            \
		struct config_write *write = name##_write_at(depth); \
                                                                     \
		if (write)                                           \
			step(__VA_ARGS__);                           \
		return 0;                                            \
	}

/*
 * Defines record_<name>_write(): a write of the collector <name> has ended with `result`. Its record is in
 * the map <name>_calls, at `depth` among the calls of the task.
 *
 * Each step is a global function, which finds the record anew. So the verifier checks it once for each
 * program, and not for each way that leads to it.
 */
#define CONFIG_STEPS(name, collector, call_type)                                                            \
	static __always_inline struct config_write *name##_write_at(int depth)                              \
	{                                                                                                   \
		call_type *call = is_traced(collector) ? inflight_at(&name##_calls, depth) : NULL;          \
                                                                                                            \
		return call ? &call->write : NULL;                                                          \
	}                                                                                                   \
                                                                                                            \
	CONFIG_STEP(name, compare_write, (int depth, int result), collector, &name##_values, write, result) \
	CONFIG_STEP(name, store_write, (int depth, int result), collector, &name##_values, write, result)   \
	CONFIG_STEP(name, emit_write, (int depth, int result), collector, write, result)                    \
	CONFIG_STEP(name, count_write, (int depth), collector, &name##_writes, write)                       \
                                                                                                            \
	static __always_inline void record_##name##_write(int depth, int result)                            \
	{                                                                                                   \
		name##_compare_write(depth, result);                                                        \
		name##_store_write(depth, result);                                                          \
		name##_emit_write(depth, result);                                                           \
		name##_count_write(depth);                                                                  \
	}

#endif
