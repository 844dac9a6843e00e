/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* ethtool commands: key of the map `ethtool_commands`, and their part of an event. */
#ifndef NETCHANGE_ETHTOOL_H
#define NETCHANGE_ETHTOOL_H

#include "bpf/abi/actor.h"
#include "bpf/abi/counter.h"
#include "bpf/abi/device.h"

enum ethtool_transport {
	ETHTOOL_TRANSPORT_IOCTL = 1,
	ETHTOOL_TRANSPORT_NETLINK = 2,
};

/* An ioctl number that no kernel has, from an unprivileged caller: it may be made up. */
#define ETHTOOL_COMMAND_UNKNOWN 0xffffffff

struct ethtool_key {
	struct device_ref device;
	struct actor actor;
	__u32 command;  /* ETHTOOL_* of linux/ethtool.h, ETHTOOL_MSG_* of linux/ethtool_netlink.h, or
			   ETHTOOL_COMMAND_UNKNOWN */
	__u16 error;    /* 0 or a positive errno */
	__u8 transport; /* enum ethtool_transport */
	__u8 reserved;
};
LAYOUT_ASSERT(sizeof(struct ethtool_key) == 132, "no padding: every key byte is set");

struct ethtool_counters {
	struct counter commands; /* every command, failed ones too */
	struct counter slow;     /* those that took longer than object_settings.ethtool_slow_ns */
};
LAYOUT_ASSERT(sizeof(struct ethtool_counters) == 32, "no padding");

/* Key of the map `ethtool_durations`. Without the process, to keep the number of histograms small. */
struct ethtool_duration_key {
	struct device_ref device;
	__u32 command;
	__u8 transport;
	__u8 unprivileged; /* as in struct actor */
	__u8 reserved[2];
};
LAYOUT_ASSERT(sizeof(struct ethtool_duration_key) == 32, "no padding: every key byte is set");

struct ethtool_event {
	__u32 command;
	__u8 transport;
	__u8 reserved[3];
	__u32 attributes[2]; /* of a netlink request: one bit for each type below 64, the lower half first */
};

#endif
