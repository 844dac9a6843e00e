/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Finds a device by its index, as the kernel's __dev_get_by_index() does. */
#ifndef NETCHANGE_DEVICE_INDEX_BPF_H
#define NETCHANGE_DEVICE_INDEX_BPF_H

#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/device.bpf.h"
#include "bpf/lib/kernel_types.h"

#define NETDEV_HASHBITS    8 /* include/linux/netdevice.h */
#define NETDEV_HASHENTRIES (1 << NETDEV_HASHBITS)

/* A hash bucket is walked in steps, because older verifiers refuse one long loop: up to 256 devices of one
 * bucket, so 65,536 of a namespace if their indexes are consecutive. */
#define HASH_CHAIN 16 /* devices read in one step */
#define HASH_STEPS 16

static __always_inline struct net_device *indexed_device(struct hlist_node *at)
{
	return (void *)at - bpf_core_field_offset(struct net_device, index_hlist);
}

/* Goes on to the device with this index, or to the end (0), or some devices further. */
__noinline __u64 next_index(__u64 from, int index)
{
	struct hlist_node *at = (void *)from;

	for (int i = 0; i < HASH_CHAIN && at && BPF_CORE_READ(indexed_device(at), ifindex) != index; i++)
		at = BPF_CORE_READ(at, next);
	return (__u64)at;
}

static __always_inline struct net_device *find_device_by_index(struct net *net, int index)
{
	struct hlist_head *bucket = BPF_CORE_READ(net, dev_index_head) + (index & (NETDEV_HASHENTRIES - 1));
	struct hlist_node *at = BPF_CORE_READ(bucket, first);

	for (int i = 0; i < HASH_STEPS && at; i++) {
		at = (void *)next_index((__u64)at, index);
		if (at && BPF_CORE_READ(indexed_device(at), ifindex) == index)
			return indexed_device(at);
	}
	return NULL;
}

#endif
