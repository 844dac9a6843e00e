/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef NETCHANGE_TESTS_QUEUES_LOGIC_H
#define NETCHANGE_TESTS_QUEUES_LOGIC_H

#include "bpf/abi/setting_value.h"

#define RECORD_QUEUES 48
#define RECORD_BITS   4

struct list_record {
	__u32 queue;
	__u32 count;
	__u16 queues[RECORD_QUEUES];
};

struct bits_record {
	__u32 count;
	__u32 bits[RECORD_BITS];
	__u32 reserved;
	struct setting_value mask; /* the result */
};

/* Lists of transmit queues of so many CPUs. Each CPU whose number `step` divides has the queue. */
struct lists_record {
	__u32 count;
	__u32 step;
	struct setting_value mask; /* the result */
};

#endif
