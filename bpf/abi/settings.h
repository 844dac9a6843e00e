/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What user space sets in a BPF object before it is loaded, and what the object counts about itself. */
#ifndef NETCHANGE_SETTINGS_H
#define NETCHANGE_SETTINGS_H

#include "bpf/abi/collector.h"
#include "bpf/abi/layout.h"

#define SETTINGS_SECTION   ".rodata.settings"
#define STATISTICS_SECTION ".data.statistics"

/* Of one collector. */
struct collector_settings {
	__u8 filter_devices;  /* 0: no filter, else the verdict where no pattern matches: enum filter_verdict
			       */
	__u8 filter_settings; /* the same for settings */
	__u8 system_calls;    /* 1: the object is that of system calls, and traces for this collector */
	__u8 reserved;
};
LAYOUT_ASSERT(sizeof(struct collector_settings) == 4, "no padding");

/* Constant once loaded: the verifier removes the branches that are switched off. */
struct object_settings {
	__u32 ethtool_family;   /* id of the generic netlink family "ethtool", 0 if there is none */
	__u32 cpu_ids;          /* bits in a CPU mask: the highest possible number + 1; 0: unknown */
	__u8 label_comm;        /* 1: keys carry the process' name */
	__u8 label_parent_comm; /* 1: keys carry the parent's name */
	__u8 emit_events;       /* 1: each event also goes to the ring buffer */
	__u8 reserved;
	struct collector_settings collectors[COLLECTORS];
};

/* Counted by each collector. */
struct collector_statistics {
	__u64 lost_updates; /* events that reached no counter: a map was full, or an exit was missed */
	__u64 lost_events;  /* records for which the ring buffer had no space */
};
LAYOUT_ASSERT(sizeof(struct collector_statistics) == 16, "no padding");

struct object_statistics {
	struct collector_statistics collectors[COLLECTORS];
};

#endif
