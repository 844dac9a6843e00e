/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Values of the count maps. */
#ifndef NETCHANGE_COUNTER_H
#define NETCHANGE_COUNTER_H

#include "bpf/abi/layout.h"

#define COUNT_MAP_ENTRIES 16384 /* default; user space sets the configured number before loading */
#define FOLD_ENTRIES      1024  /* in addition, for folded keys */

struct counter {
	__u64 count;
	__u64 last_ns; /* CLOCK_BOOTTIME of the newest event, in nanoseconds; 0 before the first */
};
LAYOUT_ASSERT(sizeof(struct counter) == 16, "no padding");

#endif
