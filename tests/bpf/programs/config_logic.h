/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef NETCHANGE_TESTS_CONFIG_LOGIC_H
#define NETCHANGE_TESTS_CONFIG_LOGIC_H

#include "bpf/abi/setting_value.h"

struct config_record {
	struct setting_value old_value;
	struct setting_value new_value;
	struct setting_value written;
	__s32 result;
	char setting; /* a name of one letter */
	__u8 no_value;
	__u16 position; /* in the file */
};

#endif
