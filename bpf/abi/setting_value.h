/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* A value of a setting, of any type and length, as the kernel stores it or as a process wrote it. */
#ifndef NETCHANGE_SETTING_VALUE_H
#define NETCHANGE_SETTING_VALUE_H

#include "bpf/abi/layout.h"

#define SETTING_VALUE_SIZE 64 /* stored bytes; longer values are compared by length and hash */

enum value_type {
	VALUE_UNKNOWN = 0,
	VALUE_INTEGER = 1, /* one __s64 */
	VALUE_TEXT = 2,    /* without trailing white space; any bytes */
	VALUE_INTS = 3,    /* some __s32 */
	VALUE_LONGS = 4,   /* some __s64 */
	VALUE_MASK = 5,    /* a bitmap, lowest bit first, of CPUs or queues */
	VALUE_ADDRESS = 6, /* a link-layer address */
	VALUE_OPAQUE = 7,  /* bytes for comparison only: the kernel stores another unit than the text has */
};

struct setting_value {
	__u8 bytes[SETTING_VALUE_SIZE]; /* the beginning, zero-padded */
	__u32 size;                     /* size of the whole value in bytes */
	__u32 hash;                     /* hash of the whole value */
	__u8 type;                      /* enum value_type */
	__u8 unread;                    /* 1: bytes after the first 4096 are not in the hash */
	__u8 reserved[6];
};
LAYOUT_ASSERT(sizeof(struct setting_value) == 80, "no padding");

#endif
