/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The record of the system call that a task is in: data from its entry for its exit, and memory for data that
 * does not fit on the stack. Not per CPU: a call may sleep, and from 7.x on tracepoint programs can be
 * preempted.
 *
 * User memory is read without page faults. A page that is not in memory at the entry is read at the exit,
 * after the kernel has read it.
 */
#ifndef NETCHANGE_SYSTEM_CALL_BPF_H
#define NETCHANGE_SYSTEM_CALL_BPF_H

#include "bpf/abi/inflight.h"
#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/count.bpf.h"
#include "bpf/lib/inflight.bpf.h"
#include "bpf/lib/kernel_types.h"
#include "bpf/syscall/device_name.bpf.h"
#include "bpf/syscall/netlink_send.bpf.h"

/* __NR_<call> of asm/unistd.h, which has 32-bit numbers when it is compiled for BPF. */
#if defined(__TARGET_ARCH_x86)
#define NUMBER_WRITEV    20
#define NUMBER_SENDFILE  40
#define NUMBER_SENDTO    44
#define NUMBER_SENDMSG   46
#define NUMBER_IO_SUBMIT 209
#define NUMBER_SPLICE    275
#define NUMBER_PWRITEV   296
#define NUMBER_SENDMMSG  307
#define NUMBER_PWRITEV2  328
#elif defined(__TARGET_ARCH_arm64)
#define NUMBER_IO_SUBMIT 2
#define NUMBER_WRITEV    66
#define NUMBER_PWRITEV   70
#define NUMBER_SENDFILE  71
#define NUMBER_SPLICE    76
#define NUMBER_SENDTO    206
#define NUMBER_SENDMSG   211
#define NUMBER_SENDMMSG  269
#define NUMBER_PWRITEV2  287
#else
#error "name the numbers of these calls"
#endif

/* The kernel refuses a load from a context at an address that was computed before. Older compilers do not
 * compute it. */
#if __has_attribute(preserve_static_offset)
#define CONTEXT __attribute__((preserve_static_offset))
#else
#define CONTEXT
#endif

/* Context of system-call tracepoints (`format` in tracefs), the same for all calls. */
struct syscall_enter {
	__u64 common;
	__u64 number;
	__u64 arguments[6];
} CONTEXT;

struct syscall_exit {
	__u64 common;
	__u64 number;
	__s64 result;
} CONTEXT;

#define COLLECTOR_BIT(collector) (1U << (collector))

struct system_call {
	__u32 collectors; /* COLLECTOR_BIT() of each collector with a call in flight */
	/* For ioctl() and writes to a file. */
	const void
		*memory; /* user address of the struct ifreq, or of the text; NULL: text in several pieces */
	__u32 size;      /* of the text */
	__u8 ifreq_unread;   /* 1: the exit reads it */
	__u8 request_unread; /* 1: the exit reads the request on a NETLINK_ROUTE socket */
	struct file *file;
	/* For requests on a netlink socket; ioctl() uses only the socket. */
	struct netlink_send send;
	struct netlink_request request;
	struct net_device *dev; /* the device of the request */
	__u32 flags_set;        /* set by the request that creates the device */
	/* Scratch memory. */
	union any_name name;
	union any_name other;
};

#define SYSTEM_CALLS 1024 /* maximum number of tasks inside traced calls */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SYSTEM_CALLS);
	__type(key, struct inflight_key);
	__type(value, struct system_call);
} system_calls SEC(".maps");

static const struct system_call kNoSystemCall;

/*
 * At least the number of records; missed exits make it one too high each. Usually 0, so that an exit reads
 * one number instead of the map.
 */
volatile __u64 calls_in_flight SEC(".data.calls") = 0;

static __always_inline struct system_call *system_call_find(void)
{
	return inflight_at(&system_calls, 0);
}

static __always_inline void system_call_end(void)
{
	struct inflight_key key = {.task = current_task_id()};

	bpf_map_delete_elem(&system_calls, &key);
	__sync_fetch_and_add(&calls_in_flight, -1);
}

/* All zero. NULL if the map is full: the call is lost, and counted as lost for each of `collectors`. */
static __always_inline struct system_call *system_call_begin(__u32 collectors)
{
	struct inflight_key key = {.task = current_task_id()};

	if (bpf_map_lookup_elem(&system_calls, &key))
		system_call_end(); /* its exit was missed */
	if (!bpf_map_update_elem(&system_calls, &key, &kNoSystemCall, BPF_ANY)) {
		__sync_fetch_and_add(&calls_in_flight, 1);
		return system_call_find();
	}
	_Pragma("unroll") for (int collector = 0; collector < COLLECTORS; collector++)
	{
		if (collectors & COLLECTOR_BIT(collector))
			count_lost_update(collector);
	}
	return NULL;
}

/* The end of an entry program. Keeps the record if a collector has begun a call. */
static __always_inline void system_call_entered(const struct system_call *call)
{
	if (!call->collectors)
		system_call_end();
}

#endif
