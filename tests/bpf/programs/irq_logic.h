/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef NETCHANGE_TESTS_IRQ_LOGIC_H
#define NETCHANGE_TESTS_IRQ_LOGIC_H

#ifdef __cplusplus
#include "bpf/datum.h"
#else
#include "datum.h"
#endif

#define RECORD_WORDS 9 /* one more than a datum keeps */

struct mask_record {
	__u64 words[RECORD_WORDS];
	struct datum mask; /* the result */
};

#endif
