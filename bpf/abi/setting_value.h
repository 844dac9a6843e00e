/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* A value of a setting, of any type and length, as the kernel holds it or as somebody wrote it. */
#ifndef NETCHANGE_SETTING_VALUE_H
#define NETCHANGE_SETTING_VALUE_H

#include "bpf/abi/layout.h"

#define SETTING_VALUE_SIZE 64 /* bytes that are kept; what is longer is told apart by length and hash */

enum value_type {
	VALUE_UNKNOWN = 0,
	VALUE_INTEGER = 1, /* one __s64 */
	VALUE_TEXT = 2,    /* without the white space at its end; any bytes */
	VALUE_INTS = 3,    /* some __s32 */
	VALUE_LONGS = 4,   /* some __s64 */
	VALUE_MASK = 5,    /* a bitmap, lowest bit first, of CPUs or queues */
	VALUE_ADDRESS = 6, /* a link-layer address */
	VALUE_OPAQUE =
		7, /* bytes that only tell whether two values are the same: their unit is another one */
};

struct setting_value {
	__u8 bytes[SETTING_VALUE_SIZE]; /* its beginning, zero behind its end */
	__u32 size;                     /* bytes of the whole */
	__u32 hash;                     /* of the whole */
	__u8 type;                      /* enum value_type */
	__u8 unread;                    /* 1: bytes behind the first 512 are not in the hash */
	__u8 reserved[6];
};
LAYOUT_ASSERT(sizeof(struct setting_value) == 80, "no padding");

#endif
