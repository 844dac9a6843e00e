/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What user space tells a BPF object before it is loaded, and what the object tells of itself. */
#ifndef NETCHANGE_COLLECTOR_H
#define NETCHANGE_COLLECTOR_H

#include "bpf/abi/layout.h"

#define SETTINGS_SECTION   ".rodata.settings"
#define STATISTICS_SECTION ".data.statistics"

/* Constant once loaded: the verifier removes the branches that are switched off. */
struct collector_settings {
	__u8 label_comm;        /* 1: keys carry the process' name */
	__u8 label_parent_comm; /* 1: keys carry the parent's name */
	__u8 emit_events;       /* 1: each event also goes to the ring buffer */
	__u8 filter_devices;    /* 0: all, else what holds where no pattern matches: enum filter_verdict */
	__u8 filter_settings;   /* the same of settings */
	__u8 reserved[3];
	__u32 ethtool_family; /* id of the generic netlink family "ethtool", 0 if there is none */
	__u32 cpu_ids;        /* bits in a mask of processors: the highest possible number + 1; 0: unknown */
};
LAYOUT_ASSERT(sizeof(struct collector_settings) == 16, "no padding");

struct collector_statistics {
	__u64 lost_updates; /* events that reached no counter: a map was full, or an exit was missed */
	__u64 lost_events;  /* records that found no room in the ring buffer */
};
LAYOUT_ASSERT(sizeof(struct collector_statistics) == 16, "no padding");

#endif
