/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* One record of the ring buffer: an event with all details that the counters do not have. */
#ifndef NETCHANGE_EVENT_H
#define NETCHANGE_EVENT_H

#include "bpf/abi/actor.h"
#include "bpf/abi/collector.h"
#include "bpf/abi/config_write.h"
#include "bpf/abi/device.h"
#include "bpf/abi/ethtool.h"
#include "bpf/abi/xdp.h"

#define EVENT_RING_SIZE (1 << 20) /* bytes, about 850 events; one ring buffer for all objects */

#define EXE_PATH_SIZE 512 /* power of two, because offsets are masked with it */
#define EXE_NAME_SIZE 256 /* NAME_MAX of linux/limits.h, with its NUL */
#define EXE_DEPTH     24

/*
 * The executable's path as components, last one first, each with its NUL, because the kernel can only be
 * walked upwards. `length` is the number of used bytes. A component begins in the first EXE_PATH_SIZE bytes;
 * the rest is space for its end.
 */
struct exe_path {
	__u16 length;    /* 0: no executable (a kernel thread), or not readable */
	__u8 incomplete; /* 1: the components nearest to the root are missing */
	__u8 reserved;
	char parts[EXE_PATH_SIZE + EXE_NAME_SIZE];
};

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
	struct exe_path exe;
};
LAYOUT_ASSERT(sizeof(struct event) == 88 + 360 + 776, "no padding but four bytes at the end");

#endif
