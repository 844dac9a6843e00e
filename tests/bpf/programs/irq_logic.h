/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef NETCHANGE_TESTS_IRQ_LOGIC_H
#define NETCHANGE_TESTS_IRQ_LOGIC_H

#include "bpf/abi/setting_value.h"

#define RECORD_WORDS 9 /* one more than a setting_value can store */

struct mask_record {
	__u64 words[RECORD_WORDS];
	struct setting_value mask; /* the result */
};

struct text_record {
	__u64 text; /* address in this process */
	__u32 size;
	__u32 is_list;
	struct setting_value mask; /* the result */
};

#endif
