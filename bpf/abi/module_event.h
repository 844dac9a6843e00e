/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Record of the ring buffer `modules`: a kernel module was loaded or unloaded. */
#ifndef NETCHANGE_MODULE_EVENT_H
#define NETCHANGE_MODULE_EVENT_H

#include "bpf/abi/layout.h"

#define MODULE_NAME_SIZE 64 /* larger than MODULE_NAME_LEN of linux/module.h */

struct module_event {
	__u32 comes; /* 1: loaded, before its own code runs; 0: unloaded */
	char name[MODULE_NAME_SIZE];
};
LAYOUT_ASSERT(sizeof(struct module_event) == 68, "no padding");

#endif
