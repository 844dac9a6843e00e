/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What a handler (ctl_table.proc_handler) keeps at ctl_table.data: value of the map `sysctl_handlers`, whose
 * key is the handler's address. Of a handler that is not in it nothing is known (docs/adr/0004).
 */
#ifndef NETCHANGE_SYSCTL_H
#define NETCHANGE_SYSCTL_H

#include "bpf/abi/layout.h"

#define SYSCTL_HANDLERS 128 /* that can be known */

enum sysctl_storage {
	STORAGE_UNKNOWN = 0,
	STORAGE_INTS = 1,    /* some __s32, or one __u8 */
	STORAGE_UINTS = 2,   /* the same without sign */
	STORAGE_LONGS = 3,   /* some unsigned long */
	STORAGE_TEXT = 4,    /* up to its NUL */
	STORAGE_OPAQUE = 5,  /* as many bytes as maxlen says, in another unit than the text (jiffies) */
	STORAGE_POINTER = 6, /* a pointer to what was chosen */
};

#endif
