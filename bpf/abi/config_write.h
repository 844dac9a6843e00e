/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Configuration writes of any kind: keys of the maps `<collector>_writes` and `<collector>_values`, and their
 * part of an event. A new kind is a new .bpf.c that fills the same key.
 */
#ifndef NETCHANGE_CONFIG_WRITE_H
#define NETCHANGE_CONFIG_WRITE_H

#include "bpf/abi/actor.h"
#include "bpf/abi/counter.h"
#include "bpf/abi/setting_value.h"
#include "bpf/abi/device.h"

#define SETTING_SIZE 64 /* "net.ipv4.conf.*.drop_unicast_in_l2_multicast" is 45 long */
#define OBJECT_SIZE  16 /* queue ("rx-0") or interrupt number ("24"); empty for a sysctl */

#define CONFIG_DETAIL_SIZE 32

enum config_kind {
	CONFIG_KIND_SYSCTL = 1,
	CONFIG_KIND_RPS = 2,
	CONFIG_KIND_XPS = 3,
	CONFIG_KIND_IRQ_AFFINITY = 4,
	CONFIG_KIND_LINK = 5,
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
LAYOUT_ASSERT(sizeof(struct config_write_key) == 208, "no padding: every key byte is set");

/* A text can come in several parts, each by its own write(). If a part equals the first part of the text
 * before, the value changed, unless the other parts follow. So its change is pending: a next part takes it
 * back, or makes it one. A part that comes after this time is too late. User space counts the change after
 * twice the time: then no part that was in time is still being counted. */
#define PENDING_CHANGE_NS 1000000000ULL

struct config_write_counters {
	struct counter writes;  /* every attempt; a text in several parts is one */
	struct counter changes; /* writes that changed the value */
	struct counter pending; /* 0 or 1, and its time */
};
LAYOUT_ASSERT(sizeof(struct config_write_counters) == 48, "no padding");

struct config_value_key {
	struct device_ref device;
	char setting[SETTING_SIZE];
	char object[OBJECT_SIZE];
	__u8 kind;
	__u8 reserved[3];
};
LAYOUT_ASSERT(sizeof(struct config_value_key) == 108, "no padding: every key byte is set");

#define VALUE_SIZE 24 /* "-9223372036854775808" is 20 long */

/* A value compared with the one before. */
enum comparison {
	SAME_VALUE = 0,
	OTHER_VALUE = 1,
	FIRST_PART = 2, /* the same as the first part of the text before; its other parts may follow */
	OTHER_PART = 3, /* a later part of a text whose change has been counted */
};

/* All parts of a text. */
struct text_identity {
	__u32 size; /* sum of the sizes of its parts */
	__u32 hash; /* of a single part: the part's */
};

/* The newest write that was not refused. A new text replaces it as a whole, so that a reader never gets half
 * of it. */
struct config_value {
	__u32 size;             /* size of the text's first part, as in struct setting_value */
	__u32 hash;             /* the same */
	__u64 time_ns;          /* CLOCK_BOOTTIME; for the expiry of series */
	__u8 bytes[VALUE_SIZE]; /* beginning of the first part, zero-padded, not parsed */
	__u8 type;              /* enum value_type */
	__u8 unread;            /* the same */
	__u8 unprivileged;      /* as in struct actor, of the first writer; for the map's usage */
	__u8 comparison;        /* enum comparison, of the parts so far with the text before */
	__u32 process;          /* that wrote it */
	__u64 end;              /* file position after its last part */
	struct text_identity text;
	struct text_identity text_before;
};
LAYOUT_ASSERT(sizeof(struct config_value) == 72, "no padding");

enum config_event_flags {
	CONFIG_EVENT_CHANGED = 1,
	CONFIG_EVENT_EVERY_DEVICE = 2, /* it changed every device of the namespace; set by user space */
};

struct config_event {
	struct setting_value old_value; /* the kernel's value before the write */
	struct setting_value new_value; /* the kernel's value after the write */
	struct setting_value written;   /* the requested value, also of a refused write */
	char setting[SETTING_SIZE];
	char object[OBJECT_SIZE];
	char detail[CONFIG_DETAIL_SIZE]; /* an interrupt's action; empty if none */
	__u8 kind;
	__u8 flags; /* enum config_event_flags */
	__u8 reserved[6];
};
LAYOUT_ASSERT(sizeof(struct config_event) == 360, "no padding");

#endif
