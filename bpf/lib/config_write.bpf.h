/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Writes to configuration of any kind: the maps, and the one function that counts a write. */
#ifndef NETCHANGE_CONFIG_WRITE_BPF_H
#define NETCHANGE_CONFIG_WRITE_BPF_H

#include "bpf/abi/config_write.h"
#include "bpf/lib/setting_value.bpf.h"
#include "bpf/lib/event.bpf.h"
#include "bpf/lib/filter.bpf.h"
#include "bpf/lib/hook.bpf.h"
#include "bpf/lib/inflight.bpf.h"

/*
 * A write under way. Its key and old value are filled in at the entry, the other values at the exit; each
 * stays unknown where it cannot be read.
 */
struct config_write {
	__u64 start_ns;
	struct setting_value old_value; /* what the kernel held before */
	struct setting_value new_value; /* what it holds now */
	struct setting_value written;   /* what was asked for */
	struct config_write_key key;
	struct config_value_key value_key;
	char detail[CONFIG_DETAIL_SIZE];
	__u8 no_value; /* 1: what was written is nothing, or the rest of what an earlier write began */
	/* For the collector: what the call is, where and how to read at its exit. */
	__u8 call;
	__u8 source_type;
	__u8 written_memory; /* enum value_memory */
	__u32 source_size;
	const void *source;
	const void *written_at;
	__u32 written_size;
};

/*
 * The maps of a collector of configuration writes, their record_write(), and its calls under way
 * (inflight.bpf.h). `event_kind`: enum event_kind.
 */
#define CONFIG_WRITES(collector, event_kind, max_depth) \
	CONFIG_MAPS(collector, event_kind)              \
	INFLIGHT(struct config_write, max_depth)

/* Without the calls under way, for a collector that keeps more of them. */
#define CONFIG_MAPS(collector, event_kind)                                                                \
	COUNT_MAP(collector##_writes, struct config_write_key, struct config_write_counters);             \
	COUNT_MAP(collector##_values, struct config_value_key, struct config_value);                      \
                                                                                                          \
	/* A write has ended: counts it, and tells of it. */                                              \
	static __always_inline void record_write(struct config_write *write, int result)                  \
	{                                                                                                 \
		record_config_write(&collector##_writes, &collector##_values, event_kind, write, result); \
	}

FILTER_MAP(setting_filter);

static const struct config_write_counters kNoWrites;

static __always_inline bool wants_setting(const char *setting)
{
	struct filter_key key = {.prefix_bits = 8 * FILTER_TEXT_SIZE};

	if (!settings.filter_settings)
		return true;
	__builtin_memcpy(key.text, setting, SETTING_SIZE);
	return passes_filter(&setting_filter, settings.filter_settings, &key);
}

static __always_inline bool wants_write(const struct config_write_key *key)
{
	return wants_setting(key->setting) && wants_device(&key->device);
}

/* What is known best of what was asked for. */
static __always_inline const struct setting_value *wanted_value(const struct config_write *write)
{
	return write->written.type != VALUE_UNKNOWN ? &write->written : &write->new_value;
}

/* What is kept of a value's beginning. Without branches, for the verifier's sake. */
static __always_inline bool beginning_differs(const struct config_value *last,
					      const struct setting_value *wanted)
{
	__u64 differs = 0;

	for (int word = 0; word < VALUE_SIZE / 8; word++)
		differs |= ((const __u64 *)last->bytes)[word] ^ ((const __u64 *)wanted->bytes)[word];
	return differs != 0;
}

/*
 * Where the kernel's own value is not known before and after, what was written is compared with what was
 * last written there; the first such write counts as a change.
 */
static __always_inline bool is_change(void *values, const struct config_write *write, int result)
{
	const struct setting_value *wanted = wanted_value(write);
	const struct config_value *last;

	if (write->old_value.type != VALUE_UNKNOWN && write->new_value.type != VALUE_UNKNOWN)
		return values_differ(&write->old_value, &write->new_value);
	if (result < 0)
		return false;
	if (write->no_value)
		return write->written_size != 0;
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

/* False if there is no room for it. */
static __always_inline bool store_value(void *values, const struct config_write *write, __u64 now_ns)
{
	const struct setting_value *wanted = wanted_value(write);
	struct config_value value = {.time_ns = now_ns, .size = wanted->size, .hash = wanted->hash};

	value.type = wanted->type;
	value.unread = wanted->unread;
	__builtin_memcpy(value.bytes, wanted->bytes, sizeof(value.bytes));
	return bpf_map_update_elem(values, &write->value_key, &value, BPF_ANY) == 0;
}

static __always_inline void emit_write(enum event_kind kind, const struct config_write *write, bool changed,
				       int result, __u64 now_ns)
{
	struct event *event = emit_begin(kind, &write->key.device, result, write->start_ns, now_ns);
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

static __always_inline void record_config_write(void *writes, void *values, enum event_kind kind,
						struct config_write *write, int result)
{
	__u64 now = bpf_ktime_get_boot_ns();
	struct config_write_counters *counters;
	bool stored = true, changed;

	fill_value_key(write);
	changed = is_change(values, write, result);
	write->key.error = error_of(result);
	read_actor_labels(&write->key.actor);
	counters = count_value(writes, &write->key, &kNoWrites);
	if (counters) {
		counter_add(&counters->writes, now);
		if (changed)
			counter_add(&counters->changes, now);
	}
	if (result >= 0 && !write->no_value)
		stored = store_value(values, write, now);
	if (!counters || !stored)
		count_lost_update();
	emit_write(kind, write, changed, result, now);
}

#endif
