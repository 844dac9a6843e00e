/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Settings that user space writes into a BPF object before loading it, and the object's own counters. */
#ifndef NETCHANGE_SETTINGS_H
#define NETCHANGE_SETTINGS_H

#include "bpf/abi/collector.h"
#include "bpf/abi/layout.h"

#define SETTINGS_SECTION   ".rodata.settings"
#define STATISTICS_SECTION ".data.statistics"
#define DELETIONS_SECTION  ".data.deletions"

/* Settings of one collector. */
struct collector_settings {
	__u8 filter_devices;  /* 0: no filter; otherwise the verdict without a match: enum filter_verdict */
	__u8 filter_settings; /* the same for settings */
	__u8 traced;          /* 1: the object traces for this collector, and has its maps */
	__u8 reserved;
};
LAYOUT_ASSERT(sizeof(struct collector_settings) == 4, "no padding");

/* Constant after loading: the verifier removes branches that are off. */
struct object_settings {
	__u64 ethtool_slow_ns;      /* a longer ethtool command is slow */
	__u64 ethtool_device_dumps; /* bits: ETHTOOL_MSG_* whose dump can be of one device */
	__u32 ethtool_family;       /* id of the generic netlink family "ethtool"; 0 if there is none */
	__u32 cpu_ids;              /* bits in a CPU mask: highest CPU number + 1; 0: unknown */
	__u32 max_entries;          /* of each count map, without FOLD_ENTRIES */
	__u8 label_comm;            /* 1: keys have the process name */
	__u8 label_parent_comm;     /* 1: keys have the parent's name */
	__u8 label_unit;            /* 1: keys have the unit */
	__u8 emit_events;           /* 1: each event is also written to the ring buffer */
	struct collector_settings collectors[COLLECTORS];
};

/* The count maps of a collector, in the order of its table. */
enum count_map {
	COUNT_MAP_EVENTS,  /* events by who made them */
	COUNT_MAP_DETAILS, /* durations, or values */
	COUNT_MAPS,
};

/* Entries of a count map. */
struct map_usage {
	__u64 entries;
	__u64 unprivileged; /* those of unprivileged actors (struct actor) */
};

/* Counters of each collector about itself. */
struct collector_statistics {
	__u64 lost_updates; /* events without a count: a map was full, or an exit was missed */
	__u64 lost_events;  /* records that did not fit into the ring buffer */
	struct map_usage created[COUNT_MAPS];
};
LAYOUT_ASSERT(sizeof(struct collector_statistics) == 48, "no padding");

struct object_statistics {
	struct collector_statistics collectors[COLLECTORS];
};

/* Entries that user space has deleted. Only user space writes it. */
struct object_deletions {
	struct map_usage collectors[COLLECTORS][COUNT_MAPS];
};

#endif
