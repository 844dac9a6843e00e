/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef NETCHANGE_TESTS_CONFIG_LOGIC_H
#define NETCHANGE_TESTS_CONFIG_LOGIC_H

#include <linux/types.h>

struct config_record {
	__s64 old_value;
	__s64 new_value;
	__s32 result;
	__u8 flags;   /* enum config_event_flags */
	char setting; /* a name of one letter */
	__u8 reserved[2];
};

#endif
