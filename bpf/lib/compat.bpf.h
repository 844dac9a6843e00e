/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Kernel differences. "Before 5.14 (<commit>)" names the first version without the difference, and the
 * commit. "Goes with 5.10" names the tested kernel that needs it: the code can go when that kernel is
 * dropped. The tested kernels are 5.10, 6.1, 6.12 and 7.2. The oldest supported kernel is 5.10, because
 * long-lived distributions still have it. Its verifier needs barrier_var(), masks, and functions that are
 * not inlined. These stay: they help every verifier.
 *
 * If the arguments of a function changed, the collector's .bpf.c has a hook for each form (HOOK_ENTER_AS).
 * If a function was renamed, the collector's table in the exporter has both names. Changed arguments:
 *
 *	dev_ethtool(): two before 5.15 (a554bf96b49d), without the user's address. Goes with 5.10.
 *	proc_sys_permission(): two before 5.12 (549c7297717c), without a mapping of ids. Goes with 5.10.
 *	xps_cpus_store(), xps_rxqs_store(): three before 6.15 (b0b6fcfa6ad8), without kobject and attribute.
 *	Goes with 6.12.
 */
#ifndef NETCHANGE_COMPAT_BPF_H
#define NETCHANGE_COMPAT_BPF_H

#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/lib/kernel_types.h"

/* The one of bpf_helpers.h is no constant expression. */
#undef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)

/* --- sixth argument of a kprobe ------------------------------------------------------------------------ */

/* libbpf before 1.2 has no macros for it. Goes with Debian 12, which has 1.1. */
#ifndef PT_REGS_PARM6
#if defined(__TARGET_ARCH_x86)
#define PT_REGS_PARM6(ctx) ((ctx)->r9)
#elif defined(__TARGET_ARCH_arm64)
#define PT_REGS_PARM6(ctx) (((const struct user_pt_regs *)(ctx))->regs[5])
#else
#error "name the register of the sixth argument"
#endif
#endif

#ifndef ___bpf_kprobe_args6
#define ___bpf_kprobe_args6(x, args...) ___bpf_kprobe_args5(args), (void *)PT_REGS_PARM6(ctx)
#endif

/* 1 for zero, otherwise 0; without branches. */
static __always_inline __u64 is_zero(__u64 number)
{
	return ~(number | -number) >> 63;
}

/* --- pointers as arguments of global functions ---------------------------------------------------------- */

/* A global function takes numbers. The verifier knows an argument of an fexit program as a pointer, and
 * refuses it as a number, until it has been copied. */
static __always_inline __u64 number_of(const void *pointer)
{
	__u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), &pointer);
	return number;
}

/* --- id of the current task ---------------------------------------------------------------------------- */

/*
 * The same number as bpf_get_current_pid_tgid(): thread group id in the upper half, thread id in the lower
 * half. Before 6.1 (bed89185af0d), cgroup programs may not call that helper. Goes with 5.10.
 */
static __always_inline __u64 current_task_id(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	return (__u64)BPF_CORE_READ(task, tgid) << 32 | (__u32)BPF_CORE_READ(task, pid);
}

/* --- open files of the current task -------------------------------------------------------------------- */

/*
 * The table of open files, and its size. The verifier knows the type that bpf_get_current_task_btf() returns,
 * so members are plain loads, which cost less than one call of a helper. Before 5.11 (3ca1032ab7ab) there is
 * no such helper. The part after the `if` goes with 5.10.
 */
static __always_inline struct file **current_files(__u32 *size)
{
	struct task_struct *task;
	struct fdtable *table;

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)) {
		table = bpf_get_current_task_btf()->files->fdt;
		*size = table->max_fds;
		return table->fd;
	}
	task = (struct task_struct *)bpf_get_current_task();
	table = BPF_CORE_READ(task, files, fdt);
	*size = BPF_CORE_READ(table, max_fds);
	return BPF_CORE_READ(table, fd);
}

/* --- registers that a system call was entered with -------------------------------------------------------
 */

/* Arguments in registers, in UAPI structures. arm64 overwrites the first one with the result. */
#if defined(__TARGET_ARCH_x86)
#define ARGUMENT_1(registers) (&((const struct pt_regs *)(registers))->rdi)
#define ARGUMENT_2(registers) (&((const struct pt_regs *)(registers))->rsi)
#define ARGUMENT_3(registers) (&((const struct pt_regs *)(registers))->rdx)
#elif defined(__TARGET_ARCH_arm64)
#define ARGUMENT_1(registers) (&((const struct user_pt_regs *)(registers))->regs[0])
#define ARGUMENT_2(registers) (&((const struct user_pt_regs *)(registers))->regs[1])
#define ARGUMENT_3(registers) (&((const struct user_pt_regs *)(registers))->regs[2])
#endif

#define STACK_SIZE (4 * 4096) /* THREAD_SIZE of x86 */

/*
 * They are at the end of the task's stack. Before 5.15 (dd6e10fbd9fb) there is no helper that finds them;
 * then NULL on other machines than x86. The part after the `if` goes with 5.10.
 */
static __always_inline const void *current_registers(void)
{
	struct task_struct *task;

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (const void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	task = (struct task_struct *)bpf_get_current_task();
#if defined(__TARGET_ARCH_x86)
	return (void *)BPF_CORE_READ(task, stack) + STACK_SIZE - sizeof(struct pt_regs);
#else
	return NULL;
#endif
}

/* --- cookie of a network namespace --------------------------------------------------------------------- */

/*
 * Low half of the cookie. Before 5.12 (3d368ab87cf6), a namespace has no cookie until somebody asks for it:
 * then the kernel's random number for each namespace. CO-RE does not match the older member, because its type
 * differs. The check goes with 5.10.
 */
static __always_inline __u32 netns_cookie(struct net *net)
{
	if (bpf_core_field_exists(net->net_cookie))
		return (__u32)BPF_CORE_READ(net, net_cookie);
	return BPF_CORE_READ(net, hash_mix);
}

/* --- struct iov_iter: text that a process writes to a file --------------------------------------------- */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
/* Before 5.14 (8cd54c1c8480), type and direction are one number. Goes with 5.10. */
struct iov_iter___v5_13 {
	unsigned int type;
};

/* Before 6.4 (de4f5fed3f23), the member has this name. A kvec has the same layout. Goes with 6.1. */
struct iov_iter___v6_3 {
	const struct iovec *iov;
};
#pragma clang attribute pop

static __always_inline __u32 iter_type(struct iov_iter *iter)
{
	struct iov_iter___v5_13 *older = (void *)iter;

	if (bpf_core_field_exists(iter->iter_type))
		return BPF_CORE_READ(iter, iter_type);
	return BPF_CORE_READ(older, type) & ~1; /* the lowest bit is the direction */
}

static __always_inline const struct iovec *iter_vector(struct iov_iter *iter)
{
	struct iov_iter___v6_3 *older = (void *)iter;

	if (bpf_core_field_exists(iter->__iov))
		return BPF_CORE_READ(iter, __iov);
	return BPF_CORE_READ(older, iov);
}

/* Before 6.0 (fcb14cb1bdac) there is no ITER_UBUF. The check that it exists goes with 5.10. */
static __always_inline bool iter_is_buffer(__u32 type)
{
	return bpf_core_enum_value_exists(enum iter_type, ITER_UBUF) &&
	       type == bpf_core_enum_value(enum iter_type, ITER_UBUF);
}

/* Address of the remaining bytes; NULL if they are in several pieces. */
static __always_inline const void *iter_text(struct iov_iter *iter, bool *in_kernel)
{
	unsigned long offset = BPF_CORE_READ(iter, iov_offset);
	__u32 type = iter_type(iter);
	const struct iovec *vector;

	*in_kernel = type == bpf_core_enum_value(enum iter_type, ITER_KVEC);
	if (iter_is_buffer(type))
		return BPF_CORE_READ(iter, ubuf) + offset;
	if (!*in_kernel && type != bpf_core_enum_value(enum iter_type, ITER_IOVEC))
		return NULL;
	vector = iter_vector(iter);
	if (BPF_CORE_READ(vector, iov_len) < offset + BPF_CORE_READ(iter, count))
		return NULL;
	return BPF_CORE_READ(vector, iov_base) + offset;
}

/* --- flow table of a receive queue --------------------------------------------------------------------- */

#define RPS_LOG_BITS 31

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
/* Before 6.15 (f3483c8e1da6), the table has its size minus 1 instead of log2 of its size. Goes with 6.12. */
struct rps_dev_flow_table___v6_15 {
	unsigned int mask;
};

/*
 * Before 7.1 (a435163d3100), the queue points to the table, and the table has its size. From 7.1 on, the
 * queue has the address and log2 of the size in one number. The pointer goes with 6.12.
 */
struct netdev_rx_queue___v7 {
	unsigned long rps_flow_table;
};
#pragma clang attribute pop

/* Number of entries, a power of two; 0 without a table. */
static __always_inline __u64 rps_flow_entries(struct netdev_rx_queue *queue)
{
	struct netdev_rx_queue___v7 *newer = (void *)queue;
	struct rps_dev_flow_table___v6_15 *older;
	struct rps_dev_flow_table *table;

	if (bpf_core_field_exists(newer->rps_flow_table)) {
		unsigned long tag = BPF_CORE_READ(newer, rps_flow_table);

		return tag ? 1ULL << (tag & RPS_LOG_BITS) : 0;
	}
	table = BPF_CORE_READ(queue, rps_flow_table);
	if (!table)
		return 0;
	older = (void *)table;
	if (bpf_core_field_exists(older->mask))
		return (__u64)BPF_CORE_READ(older, mask) + 1;
	return 1ULL << (BPF_CORE_READ(table, log) & RPS_LOG_BITS);
}

/* --- XPS maps of a device ------------------------------------------------------------------------------- */

/*
 * Before 5.13 (044ab86d431b, 5478fcd0f483, 255c04a87f43), the maps are two members without their sizes.
 * Goes with 5.10.
 */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct net_device___v5_12 {
	struct xps_dev_maps *xps_cpus_map;
	struct xps_dev_maps *xps_rxqs_map;
};
#pragma clang attribute pop

struct xps_lists {
	struct xps_dev_maps *maps;
	__u32 ids;     /* CPUs, or receive queues */
	__u32 classes; /* traffic classes */
};

/* `own`: the device that has the traffic classes; `cpu_ids`: as in the settings. */
static __always_inline void read_xps_lists(struct xps_lists *lists, struct net_device *dev,
					   struct net_device *own, bool of_rxqs, __u32 cpu_ids)
{
	struct net_device___v5_12 *older = (void *)dev;
	__s16 classes = BPF_CORE_READ(own, num_tc);
	struct xps_dev_maps *maps;

	if (bpf_core_field_exists(dev->xps_maps)) {
		maps = of_rxqs ? BPF_CORE_READ(dev, xps_maps[1]) : BPF_CORE_READ(dev, xps_maps[0]);
		lists->ids = BPF_CORE_READ(maps, nr_ids);
		lists->classes = (__u32)BPF_CORE_READ(maps, num_tc);
	} else {
		maps = of_rxqs ? BPF_CORE_READ(older, xps_rxqs_map) : BPF_CORE_READ(older, xps_cpus_map);
		lists->ids = of_rxqs ? BPF_CORE_READ(dev, num_rx_queues) : cpu_ids;
		lists->classes = classes > 0 ? classes : 1;
	}
	lists->maps = maps;
}

/* --- CPU masks of an interrupt -------------------------------------------------------------------------- */

/* Without CONFIG_CPUMASK_OFFSTACK, they are in the structure itself. Stays: no version decides this. */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct irq_common_data___here {
	struct cpumask affinity[1];
};

struct irq_desc___here {
	struct cpumask pending_mask[1];
};
#pragma clang attribute pop

static __always_inline const void *irq_affinity_mask(struct irq_desc *desc)
{
	struct irq_common_data___here *here = (void *)&desc->irq_common_data;

	if (bpf_core_field_exists(here->affinity))
		return &here->affinity;
	return BPF_CORE_READ(desc, irq_common_data.affinity);
}

/* NULL without CONFIG_GENERIC_PENDING_IRQ. */
static __always_inline const void *irq_pending_mask(struct irq_desc *desc)
{
	struct irq_desc___here *here = (void *)desc;

	if (bpf_core_field_exists(here->pending_mask))
		return &here->pending_mask;
	if (bpf_core_field_exists(desc->pending_mask))
		return BPF_CORE_READ(desc, pending_mask);
	return NULL;
}

/* --- before 6.15: kernfs_node::parent (633488947ef6). Goes with 6.12. ------------------------------------
 */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct kernfs_node___v6_14 {
	struct kernfs_node *parent;
};
#pragma clang attribute pop

/* NULL at the root. */
static __always_inline struct kernfs_node *kernfs_parent(struct kernfs_node *node)
{
	struct kernfs_node___v6_14 *older = (void *)node;

	if (bpf_core_field_exists(node->__parent))
		return BPF_CORE_READ(node, __parent);
	return BPF_CORE_READ(older, parent);
}

#endif
