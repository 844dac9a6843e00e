/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Writes to configuration of any kind: the maps, and the one function that counts a write. */
#ifndef NETCHANGE_CONFIG_WRITE_BPF_H
#define NETCHANGE_CONFIG_WRITE_BPF_H

#include "config_write.h"
#include "event.bpf.h"
#include "hook.bpf.h"
#include "inflight.bpf.h"

/* A write under way. What is known at its entry is filled in there, the rest by record_write(). */
struct config_write {
	__u64 start_ns;
	__s64 old_value;
	__s64 new_value;
	const void *number;  /* where the kernel keeps the value, an int */
	const char *written; /* kernel address of the text written, NUL-terminated */
	struct config_write_key key;
	struct config_value_key value_key;
	__u8 flags; /* enum config_event_flags */
};

COUNT_MAP(config_writes, struct config_write_key, struct config_write_counters);
COUNT_MAP(config_values, struct config_value_key, struct config_value);
INFLIGHT(struct config_write)

static const struct config_write_counters kNoWrites;

/* False if there is no room for it. */
static __always_inline bool store_value(struct config_write *write, __u64 now_ns)
{
	struct config_value value = {.value = write->new_value, .time_ns = now_ns};
	struct config_value_key *key = &write->value_key;

	key->device = write->key.device;
	__builtin_memcpy(key->setting, write->key.setting, sizeof(key->setting));
	__builtin_memcpy(key->object, write->key.object, sizeof(key->object));
	key->kind = write->key.kind;
	return bpf_map_update_elem(&config_values, key, &value, BPF_ANY) == 0;
}

static __always_inline void emit_write(const struct config_write *write, int result, __u64 now_ns)
{
	struct event *event =
		emit_begin(EVENT_CONFIG_WRITE, &write->key.device, result, write->start_ns, now_ns);
	struct config_event *config;
	long size;

	if (!event)
		return;
	config = &event->config;
	config->kind = write->key.kind;
	config->flags = write->flags;
	config->old_value = write->old_value;
	config->new_value = write->new_value;
	__builtin_memcpy(config->setting, write->key.setting, sizeof(config->setting));
	__builtin_memcpy(config->object, write->key.object, sizeof(config->object));
	size = bpf_probe_read_kernel_str(config->written, sizeof(config->written), write->written);
	if (size == sizeof(config->written))
		config->flags |= CONFIG_EVENT_WRITTEN_CUT;
	emit_end(event);
}

/* A write has ended, with `new_value` and `flags` telling what the kernel holds now. */
static __always_inline void record_write(struct config_write *write, int result)
{
	__u64 now = bpf_ktime_get_boot_ns();
	struct config_write_counters *counters;
	bool stored = true;

	if ((write->flags & CONFIG_EVENT_HAS_OLD) && (write->flags & CONFIG_EVENT_HAS_NEW) &&
	    write->old_value != write->new_value)
		write->flags |= CONFIG_EVENT_CHANGED;
	else
		write->flags &= ~CONFIG_EVENT_EVERY_DEVICE;
	write->key.error = error_of(result);
	read_actor_labels(&write->key.actor);

	counters = count_value(&config_writes, &write->key, &kNoWrites);
	if (counters) {
		counter_add(&counters->writes, now);
		if (write->flags & CONFIG_EVENT_CHANGED)
			counter_add(&counters->changes, now);
	}
	if (result >= 0 && (write->flags & CONFIG_EVENT_HAS_NEW))
		stored = store_value(write, now);
	if (!counters || !stored)
		count_lost_update();
	emit_write(write, result, now);
}

#endif
