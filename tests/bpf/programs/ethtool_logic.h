/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef NETCHANGE_TESTS_ETHTOOL_LOGIC_H
#define NETCHANGE_TESTS_ETHTOOL_LOGIC_H

#include <linux/types.h>

struct ethtool_record {
	__u32 netns;
	__u32 command;
	__s32 result;
	__u8 transport;
	char device; /* a name of one letter */
	__u8 reserved[2];
};

struct netlink_request {
	__u32 size; /* used bytes of `attributes` */
	__u8 attributes[252];
};

#endif
