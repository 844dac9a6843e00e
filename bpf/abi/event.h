/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* One record of the ring buffer: an event with all details that the counters do not have. */
#ifndef NETCHANGE_EVENT_H
#define NETCHANGE_EVENT_H

#include "bpf/abi/actor.h"
#include "bpf/abi/collector.h"
#include "bpf/abi/config_write.h"
#include "bpf/abi/device.h"
#include "bpf/abi/ethtool.h"
#include "bpf/abi/path.h"
#include "bpf/abi/xdp.h"

#define EVENT_RING_SIZE (2 << 20) /* bytes, about 1,000 events; one ring buffer for all objects */
#define NO_LOGINUID     0xffffffff

struct event {
	__u64 time_ns;     /* CLOCK_BOOTTIME; the end of the operation */
	__u64 duration_ns; /* from entry to exit of the kernel function */
	__u32 pid;         /* thread group id, in the initial pid namespace */
	__u32 parent_pid;  /* thread group id of the parent, 0: none */
	__u32 uid;         /* in the initial user namespace */
	__u16 error;       /* 0 or a positive errno */
	__u16 collector;   /* enum collector; selects the member of the union */
	struct device_ref device;
	struct actor actor; /* always filled, even if labels are off */
	union {
		struct ethtool_event ethtool;
		struct xdp_event xdp;
		struct config_event config;
	};
	__u32 loginuid; /* who logged in, in the initial user namespace; NO_LOGINUID: nobody, or no audit */
	struct path_parts exe;    /* empty: no executable (a kernel thread), or not readable */
	struct path_parts cgroup; /* in the hierarchy of systemd */
};
LAYOUT_ASSERT(sizeof(struct event) == 156 + 360 + 4 + 2 * 772, "no padding");

/* Who lost events: key and value of the map `lost_events`. */
struct event_loser {
	__u32 pid;       /* as in struct event */
	__u32 collector; /* enum collector */
};
LAYOUT_ASSERT(sizeof(struct event_loser) == 8, "no padding: every key byte is set");

struct event_losses {
	__u64 events;
	__u32 uid;            /* in the initial user namespace */
	char comm[COMM_SIZE]; /* at the first loss */
	__u32 reserved;
};
LAYOUT_ASSERT(sizeof(struct event_losses) == 32, "no padding");

#endif
