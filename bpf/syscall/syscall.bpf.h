/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * System calls, for kernels that let no program look at a function. A hook is the entry of one call, with a
 * program of its own (<name>_enter), and its exit, with one program for all calls of an object (sys_exit):
 * what the entry found is in the call's record. They run for every process, so an entry that has nothing to
 * do says so after as few reads as can be, and an exit after one.
 *
 * User memory is read with faults off: where a page is not in memory at the entry, it is at the exit, when
 * the kernel has read it.
 */
#ifndef NETCHANGE_SYSCALL_BPF_H
#define NETCHANGE_SYSCALL_BPF_H

#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/count.bpf.h"
#include "bpf/lib/inflight.bpf.h"
#include "bpf/lib/kernel_types.h"

/* What a tracepoint of syscalls: gives its programs (its `format` in tracefs), the same for all calls. */
struct syscall_enter {
	__u64 common;
	__u64 number;
	__u64 arguments[6];
};

struct syscall_exit {
	__u64 common;
	__u64 number;
	__s64 result;
};

#define SYSTEM_CALL_ENTER(call, enter)                    \
	SEC("tracepoint")                                 \
	int sys_##call##_enter(struct syscall_enter *ctx) \
	{                                                 \
		enter(ctx->arguments);                    \
		return 0;                                 \
	}

#define SYSTEM_CALLS_EXIT(leave)               \
	SEC("tracepoint")                      \
	int sys_exit(struct syscall_exit *ctx) \
	{                                      \
		if (calls_under_way)           \
			leave(ctx->result);    \
		return 0;                      \
	}

/*
 * How many records of calls there are (inflight.bpf.h), or more: one is too many for each exit that was
 * missed. Mostly 0: one number that an exit looks at, instead of into the map.
 */
volatile __u64 calls_under_way SEC(".data.calls") = 0;

static __always_inline void call_began(void)
{
	__sync_fetch_and_add(&calls_under_way, 1);
}

static __always_inline void call_ended(void)
{
	__sync_fetch_and_add(&calls_under_way, -1);
}

#define SCRATCH_ENTRIES 256 /* tasks that are in programs at the same time */

/*
 * Scratch memory of the task that runs, for what does not fit on the stack, between scratch_get() and
 * scratch_put(): for as long as a program runs. Not per CPU: from 7.x on programs of tracepoints may be
 * preempted.
 */
#define SCRATCH_MAP(name, scratch_type)               \
	struct {                                      \
		__uint(type, BPF_MAP_TYPE_HASH);      \
		__uint(max_entries, SCRATCH_ENTRIES); \
		__type(key, __u64);                   \
		__type(value, scratch_type);          \
	} name SEC(".maps");                          \
                                                      \
	static const scratch_type name##_zero

/* NULL only if the task has no scratch memory. */
static __always_inline void *scratch_find(void *map)
{
	__u64 task = current_task_id();

	return bpf_map_lookup_elem(map, &task);
}

/* All zero. NULL if the map is full: the call is lost, and counted. */
static __always_inline void *scratch_get(enum collector collector, void *map, const void *zero)
{
	__u64 task = current_task_id();

	if (bpf_map_update_elem(map, &task, zero, BPF_ANY)) {
		count_lost_update(collector);
		return NULL;
	}
	return scratch_find(map);
}

static __always_inline void scratch_put(void *map)
{
	__u64 task = current_task_id();

	bpf_map_delete_elem(map, &task);
}

#define FILE_TYPE_MASK \
	0170000 /* S_IFMT and S_IFSOCK of linux/stat.h, which clang's target bpf cannot include */
#define FILE_TYPE_SOCKET 0140000

/* The open file behind a descriptor of the current task; NULL for none. */
static __always_inline struct file *file_of(__u32 descriptor)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file = NULL;

	if (descriptor >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + descriptor);
	return file;
}

/* The socket of an open file that is one; of another, anything: the call itself refuses that. */
static __always_inline struct sock *socket_of_file(struct file *file)
{
	struct socket *socket = BPF_CORE_READ(file, private_data);

	return socket ? BPF_CORE_READ(socket, sk) : NULL;
}

/* The socket behind a descriptor that may be anything; NULL if it is none. */
static __always_inline struct sock *socket_of(__u32 descriptor)
{
	struct file *file = file_of(descriptor);

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & FILE_TYPE_MASK) != FILE_TYPE_SOCKET)
		return NULL;
	return socket_of_file(file);
}

static __always_inline struct net *namespace_of(struct sock *socket)
{
	return BPF_CORE_READ(socket, __sk_common.skc_net.net);
}

#endif
