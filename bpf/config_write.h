/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to configuration, of whatever kind: keys of the maps `config_writes` and `config_values`,
 * and their part of an event. A new kind is a new .bpf.c that fills the same key.
 */
#ifndef NETCHANGE_CONFIG_WRITE_H
#define NETCHANGE_CONFIG_WRITE_H

#include "actor.h"
#include "counter.h"
#include "device.h"

#define SETTING_SIZE 64 /* "net.ipv4.conf.*.drop_unicast_in_l2_multicast" is 45 long */
#define OBJECT_SIZE  16 /* queue ("rx-0") or interrupt number ("24"); empty for a sysctl */
#define WRITTEN_SIZE 64 /* the text written; longer ones are marked as cut */

enum config_kind {
	CONFIG_KIND_SYSCTL = 1,
};

struct config_write_key {
	struct device_ref device;
	struct actor actor;
	char setting[SETTING_SIZE];
	char object[OBJECT_SIZE];
	__u16 error; /* 0 or a positive errno */
	__u8 kind;   /* enum config_kind */
	__u8 reserved;
};
LAYOUT_ASSERT(sizeof(struct config_write_key) == 140, "no padding: every key byte is set");

struct config_write_counters {
	struct counter writes;  /* every attempt */
	struct counter changes; /* those after which the value was another one */
};
LAYOUT_ASSERT(sizeof(struct config_write_counters) == 32, "no padding");

struct config_value_key {
	struct device_ref device;
	char setting[SETTING_SIZE];
	char object[OBJECT_SIZE];
	__u8 kind;
	__u8 reserved[3];
};
LAYOUT_ASSERT(sizeof(struct config_value_key) == 108, "no padding: every key byte is set");

/* Replaced as a whole by each write, so that a reader never sees half of one. */
struct config_value {
	__s64 value;   /* what the kernel held when the write had ended */
	__u64 time_ns; /* CLOCK_BOOTTIME */
};

enum config_event_flags {
	CONFIG_EVENT_HAS_OLD = 1,
	CONFIG_EVENT_HAS_NEW = 2,
	CONFIG_EVENT_CHANGED = 4,
	CONFIG_EVENT_WRITTEN_CUT = 8,   /* `written` ends before the text does */
	CONFIG_EVENT_EVERY_DEVICE = 16, /* the change reached every device of the namespace */
};

struct config_event {
	__s64 old_value;
	__s64 new_value;
	char setting[SETTING_SIZE];
	char object[OBJECT_SIZE];
	char written[WRITTEN_SIZE]; /* as it was written, also when it was refused */
	__u8 kind;
	__u8 flags; /* enum config_event_flags */
	__u8 reserved[6];
};
LAYOUT_ASSERT(sizeof(struct config_event) == 168, "no padding");

#endif
