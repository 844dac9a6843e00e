/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The record of a write to IRQ affinity, and the maps. */
#ifndef NETCHANGE_IRQ_CALL_BPF_H
#define NETCHANGE_IRQ_CALL_BPF_H

#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/config_write.bpf.h"
#include "bpf/lib/inflight.bpf.h"
#include "bpf/lib/kernel_types.h"

/* A part of a list of CPUs: "first-last:used/group". For a mask, only `apart` is used. */
enum region_field { REGION_FIRST, REGION_LAST, REGION_USED, REGION_GROUP, REGION_FIELDS };

struct cpu_region {
	union {
		__u64 numbers[REGION_FIELDS];
		struct {
			__u64 first, last;
			__u64 used, group; /* the first `used` of each `group` CPUs */
		};
	};
	__u8 field; /* enum region_field: the number that is being read */
	__u8 begun; /* 1: at least one letter was read */
	__u8 apart; /* 1: the next digit begins another group of digits */
};

struct irq_call {
	struct call_head head;
	struct config_write write;
	struct irq_desc *desc; /* the interrupt, once the kernel has found it */
	const void *text;      /* user address of the written text */
	__u32 text_size;
	__u8 is_list; /* 1: the text is a list, written to smp_affinity_list */
	struct cpu_region region;
};

CONFIG_MAPS(irq);
INFLIGHT_MAP(irq_calls, struct irq_call);
CONFIG_STEPS(irq, COLLECTOR_IRQ, struct irq_call)

static __always_inline struct irq_call *irq_call_begin(void)
{
	return inflight_begin(COLLECTOR_IRQ, &irq_calls, &irq_calls_zero);
}

static __always_inline struct irq_call *irq_call_find(void)
{
	return inflight_find(&irq_calls);
}

static __always_inline void irq_call_end(void)
{
	inflight_end(&irq_calls);
}

#endif
