/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Which network device, in which network namespace: first in every key. */
#ifndef NETCHANGE_DEVICE_H
#define NETCHANGE_DEVICE_H

#include "bpf/abi/layout.h"

/* In place of an inode number, which is never 1: of what is one for all namespaces. */
#define NETNS_MACHINE 1

/*
 * The kernel gives a namespace's inode number out again as soon as it is free, so the number alone would mix
 * the counts of two namespaces. The cookie is never given out again while the machine runs.
 */
struct device_ref {
	__u32 netns; /* inode number of the network namespace, 0 if it could not be read; or NETNS_MACHINE */
	__u32 netns_cookie;     /* low half of the namespace's cookie; before 5.12 what stands in for it */
	char name[IFNAME_SIZE]; /* zero behind the NUL; empty if the event has no device */
};
LAYOUT_ASSERT(sizeof(struct device_ref) == 24, "no padding: every key byte is set");

#endif
