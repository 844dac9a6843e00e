/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef NETCHANGE_TESTS_CONFIG_LOGIC_H
#define NETCHANGE_TESTS_CONFIG_LOGIC_H

#ifdef __cplusplus
#include "bpf/datum.h"
#else
#include "datum.h"
#endif

struct config_record {
	struct datum old_value;
	struct datum new_value;
	struct datum written;
	__s32 result;
	char setting; /* a name of one letter */
	__u8 no_value;
	__u8 reserved[2];
};

#endif
