/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* A path as components, last one first, because the kernel can only be walked upwards. */
#ifndef NETCHANGE_PATH_H
#define NETCHANGE_PATH_H

#include "bpf/abi/layout.h"

#define PATH_PARTS_SIZE 512 /* power of two, because offsets are masked with it */
#define PATH_NAME_SIZE  256 /* NAME_MAX of linux/limits.h, with its NUL */

/*
 * Each component has its NUL. `length` is the number of used bytes. A component begins in the first
 * PATH_PARTS_SIZE bytes; the rest is space for its end.
 */
struct path_parts {
	__u16 length;    /* 0: no path, or the root */
	__u8 incomplete; /* 1: the components nearest to the root are missing */
	__u8 reserved;
	char parts[PATH_PARTS_SIZE + PATH_NAME_SIZE];
};
LAYOUT_ASSERT(sizeof(struct path_parts) == 772, "no padding");

#endif
