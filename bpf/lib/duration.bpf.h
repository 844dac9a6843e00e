/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef NETCHANGE_DURATION_BPF_H
#define NETCHANGE_DURATION_BPF_H

#include "bpf/lib/compat.bpf.h"
#include "bpf/abi/duration.h"

static const __u64 kDurationBounds[DURATION_BOUNDS] = {DURATION_BOUNDS_NS};
static const struct duration_histogram kNoDurations;

static __always_inline void duration_add(struct duration_histogram *histogram, __u64 duration_ns)
{
	int i;

	for (i = 0; i < DURATION_BOUNDS; i++)
		if (duration_ns <= kDurationBounds[i])
			break;
	__sync_fetch_and_add(&histogram->buckets[i], 1);
	__sync_fetch_and_add(&histogram->sum_ns, duration_ns);
}

#endif
