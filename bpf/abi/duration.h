/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Durations in buckets, computed in the kernel: values of the maps behind histograms. */
#ifndef NETCHANGE_DURATION_H
#define NETCHANGE_DURATION_H

#include "bpf/abi/layout.h"

/* Upper bounds in nanoseconds, inclusive: 100 µs, 1, 10 and 100 ms, 1 and 10 s. */
#define DURATION_BOUNDS_NS 100000ULL, 1000000ULL, 10000000ULL, 100000000ULL, 1000000000ULL, 10000000000ULL
#define DURATION_BOUNDS    6

struct duration_histogram {
	__u64 sum_ns;
	__u64 buckets[DURATION_BOUNDS + 1]; /* not cumulative; the last is for durations above all bounds */
};
LAYOUT_ASSERT(sizeof(struct duration_histogram) == 64, "no padding");

#endif
