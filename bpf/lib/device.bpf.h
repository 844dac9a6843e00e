/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The device, read from the kernel at the moment of the event. `ref` must be all zero. */
#ifndef NETCHANGE_DEVICE_BPF_H
#define NETCHANGE_DEVICE_BPF_H

#include "bpf/lib/compat.bpf.h"
#include "bpf/abi/device.h"
#include "bpf/lib/text.bpf.h"
#include "bpf/lib/kernel_types.h"

/* Read as a string: bytes after the NUL may remain from a longer name. */
static __always_inline void read_device_name(struct device_ref *ref, const void *name)
{
	__builtin_memset(ref->name, 0, sizeof(ref->name));
	bpf_probe_read_kernel_str(ref->name, sizeof(ref->name), name);
}

static __always_inline void read_netns(struct device_ref *ref, struct net *net)
{
	ref->netns = BPF_CORE_READ(net, ns.inum);
	ref->netns_cookie = netns_cookie(net);
}

/* We take the device's namespace, not the task's: an exiting task has none. */
static __always_inline void read_device(struct device_ref *ref, struct net_device *dev)
{
	read_netns(ref, BPF_CORE_READ(dev, nd_net.net));
	read_device_name(ref, dev->name);
}

/* Instead of a device that does not fit in a map. Belongs to no namespace. */
static __always_inline void fold_device(struct device_ref *ref)
{
	__builtin_memset(ref, 0, sizeof(*ref));
	__builtin_memcpy(ref->name, OTHER, sizeof(OTHER));
	ref->netns = NETNS_MACHINE;
}

/* True if the namespace belongs to a user namespace: anybody may have made it. */
static __always_inline bool is_unprivileged_netns(struct net *net)
{
	return BPF_CORE_READ(net, user_ns, parent) != NULL;
}

#define POISON 0xdead /* upper 16 bits of LIST_POISON2 in linux/poison.h, on x86-64 and arm64 */

/* True from the moment when the kernel takes a device that it deletes off its lists. */
static __always_inline bool is_being_deleted(struct net_device *dev)
{
	return (__u64)BPF_CORE_READ(dev, index_hlist.pprev) >> 48 == POISON;
}

#endif
