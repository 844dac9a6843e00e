/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The network device and its network namespace: first member of every key. */
#ifndef NETCHANGE_DEVICE_H
#define NETCHANGE_DEVICE_H

#include "bpf/abi/layout.h"

/* Pseudo inode number of machine-wide settings; no real namespace has inode 1. */
#define NETNS_MACHINE 1

/*
 * The kernel reuses the inode number of a deleted namespace, so the number alone would mix the counts of two
 * namespaces. It does not reuse a cookie until the next boot.
 */
struct device_ref {
	__u32 netns;            /* inode number of the network namespace, 0: unknown; or NETNS_MACHINE */
	__u32 netns_cookie;     /* low half of the namespace's cookie; before 5.12 a substitute */
	char name[IFNAME_SIZE]; /* zero-padded; empty if the event has no device */
};
LAYOUT_ASSERT(sizeof(struct device_ref) == 24, "no padding: every key byte is set");

#endif
