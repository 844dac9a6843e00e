/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Kernel differences: each with the version, the commit where it is known, and when it can go. The oldest
 * supported kernel is 5.10, which long-lived distributions still have. Its verifier asks for barrier_var(),
 *for masks and for functions that are not inlined; these stay, as every verifier profits from them.
 *
 * A function whose name or arguments changed is not here: its hook is in the collector's .bpf.c
 *(HOOK_ENTER_AS), and its names are in the collector's table in the exporter.
 *
 *	dev_ethtool()          5.15: a third argument, the user's address       (a554bf96b49d)
 *	proc_sys_permission()  5.12: a first argument, the mount's mapping      (549c7297717c)
 *	xps_cpus_store(), xps_rxqs_store()  seen on 7.2: kobject and attribute come first
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

/* --- libbpf before 1.2 (Debian 12): no sixth argument at a kprobe ----------------------------------------
 */

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

/* --- before 5.11: programs on cgroups may not call bpf_get_current_pid_tgid() ----------------------------
 */

/* The same id: thread group id in the upper half, thread id in the lower half. */
static __always_inline __u64 current_task_id(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	return (__u64)BPF_CORE_READ(task, tgid) << 32 | (__u32)BPF_CORE_READ(task, pid);
}

/* --- before 5.11: no bpf_get_current_task_btf() -----------------------------------------------------------
 */

/*
 * The table of open files of the current task, and its size. The verifier knows the type of the pointer from
 * that helper, so its members are plain loads: each call of a helper costs more than all of them.
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

/* --- before 5.12: no cookie of a namespace that can be read (3d368ab87cf6) --------------------------------
 */

/* CO-RE does not match the older member, because its type differs. */
static __always_inline bool has_netns_cookie(void)
{
	return bpf_core_field_exists(((struct net *)0)->net_cookie);
}

/* Low half of the cookie, or of the kernel's random number for each namespace. */
static __always_inline __u32 netns_cookie(struct net *net)
{
	return has_netns_cookie() ? (__u32)BPF_CORE_READ(net, net_cookie) : BPF_CORE_READ(net, hash_mix);
}

/* --- struct iov_iter: what a process writes to a file -----------------------------------------------------
 */

/* Before 5.14, type and direction are one number (8cd54c1c8480). */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct iov_iter___v5_13 {
	unsigned int type;
};

struct iov_iter___v6_3 {
	const struct iovec *iov; /* before 6.4 (de4f5fed3f23); a kvec's looks the same */
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

/* ITER_UBUF is new in 6.0 (fcb14cb1bdac). */
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

/* --- the table of flows of a receive queue ----------------------------------------------------------------
 */

#define RPS_LOG_BITS 31

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct rps_dev_flow_table___v6_15 {
	unsigned int mask; /* size minus 1, before 6.16 */
};

struct netdev_rx_queue___v7 {
	unsigned long rps_flow_table; /* seen on 7.2: address, and log2 of the size */
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

/* --- before 5.13: two members for the XPS maps, which do not know their sizes ------------------------------
 *     (044ab86d431b, 5478fcd0f483, 255c04a87f43)
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

/* --- CPU masks of interrupts: in the structure itself without CONFIG_CPUMASK_OFFSTACK. Stays
 * ---------------- */

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

/* --- before 6.15: kernfs_node::parent (633488947ef6) ------------------------------------------------------ */

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
