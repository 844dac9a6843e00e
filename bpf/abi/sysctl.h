/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Storage of a handler (ctl_table.proc_handler) at ctl_table.data: value of the map `sysctl_handlers`, whose
 * key is the handler's address. A handler that is not in the map has unknown storage (docs/adr/0004).
 */
#ifndef NETCHANGE_SYSCTL_H
#define NETCHANGE_SYSCTL_H

#include "bpf/abi/layout.h"

#define SYSCTL_HANDLERS 128 /* maximum number of handlers */

enum sysctl_storage {
	STORAGE_UNKNOWN = 0,
	STORAGE_INTS = 1,    /* any number of __s32, or one __u8 */
	STORAGE_UINTS = 2,   /* the same without sign */
	STORAGE_LONGS = 3,   /* any number of unsigned long */
	STORAGE_TEXT = 4,    /* text up to its NUL */
	STORAGE_OPAQUE = 5,  /* maxlen bytes, in another unit than the text (jiffies) */
	STORAGE_POINTER = 6, /* a pointer to the selected object */
};

#endif
