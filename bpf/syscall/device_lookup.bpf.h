/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Finds the device of a request as the kernel's __dev_get_by_name() does, for hooks
 * that do not trace these functions. On a kernel with other data structures it finds nothing, and the device
 * keeps the requested name. A hash bucket is walked in steps: older verifiers refuse one long loop.
 */
#ifndef NETCHANGE_DEVICE_LOOKUP_BPF_H
#define NETCHANGE_DEVICE_LOOKUP_BPF_H

#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/device_index.bpf.h"
#include "bpf/lib/kernel_types.h"
#include "bpf/syscall/device_name.bpf.h"
#include "bpf/syscall/system_call.bpf.h"

/* A global function with plain numbers, so that the verifier checks it once, not once per device. */
__noinline int node_has_name(__u64 node)
{
	struct system_call *call = system_call_find();

	if (!call)
		return 0;
	__builtin_memset(&call->other, 0, sizeof(call->other));
	bpf_probe_read_kernel_str(call->other.text, sizeof(call->other.text),
				  BPF_CORE_READ((struct netdev_name_node *)node, name));
	return same_name(&call->name, &call->other);
}

static __always_inline __u64 name_node_of(struct hlist_node *at)
{
	return (__u64)at - bpf_core_field_offset(struct netdev_name_node, hlist);
}

/* Goes on to the node that has the name, or to the end (0), or some nodes further. */
__noinline __u64 next_name(__u64 from)
{
	struct hlist_node *at = (void *)from;

	for (int i = 0; i < HASH_CHAIN && at && !node_has_name(name_node_of(at)); i++)
		at = BPF_CORE_READ(at, next);
	return (__u64)at;
}

/* The first node from here on that has the name; 0 if there is none. */
__noinline __u64 node_with_name(__u64 at)
{
	for (int i = 0; i < HASH_STEPS && at; i++) {
		at = next_name(at);
		if (at && node_has_name(name_node_of((void *)at)))
			return name_node_of((void *)at);
	}
	return 0;
}

/* Finds the name system_call.name. NULL if there is none. */
static __always_inline struct netdev_name_node *find_name(struct net *net, const union any_name *name)
{
	struct hlist_head *bucket = BPF_CORE_READ(net, dev_name_head) + hash_of_name(net, name);

	return (void *)node_with_name((__u64)BPF_CORE_READ(bucket, first));
}

static __always_inline struct net_device *find_device_by_name(struct net *net, const union any_name *name)
{
	struct netdev_name_node *node = find_name(net, name);

	return node ? BPF_CORE_READ(node, dev) : NULL;
}

#endif
