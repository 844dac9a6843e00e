/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* XDP changes: key of the map `xdp_changes`, and their part of an event. */
#ifndef NETCHANGE_XDP_H
#define NETCHANGE_XDP_H

#include "bpf/abi/actor.h"
#include "bpf/abi/device.h"

#define PROGRAM_NAME_SIZE 16 /* BPF_OBJ_NAME_LEN of linux/bpf.h, with its NUL */
#define PROGRAM_TAG_SIZE  8  /* BPF_TAG_SIZE of linux/bpf.h */

enum xdp_operation {
	XDP_OPERATION_ATTACH = 1,
	XDP_OPERATION_REPLACE = 2,
	XDP_OPERATION_DETACH = 3,
	XDP_OPERATION_DEVICE_DELETED = 4, /* the program left with its device */
};

/* Our own numbers: the kernel's enum bpf_xdp_mode is internal to it. */
enum xdp_mode_id {
	XDP_MODE_ID_GENERIC = 1,
	XDP_MODE_ID_NATIVE = 2,
	XDP_MODE_ID_OFFLOAD = 3,
};

struct xdp_key {
	struct device_ref device;
	struct actor actor;
	char program[PROGRAM_NAME_SIZE]; /* the new program; the old one if there is no new one */
	__u16 error;                     /* 0 or a positive errno */
	__u8 operation;                  /* enum xdp_operation */
	__u8 mode;                       /* enum xdp_mode_id */
};
LAYOUT_ASSERT(sizeof(struct xdp_key) == 144, "no padding: every key byte is set");

struct xdp_program {
	__u32 id; /* 0: no program */
	char name[PROGRAM_NAME_SIZE];
	__u8 tag[PROGRAM_TAG_SIZE];
};

#define XDP_MESSAGE_SIZE 84 /* including the NUL; the kernel's own messages for XDP are shorter */

struct xdp_event {
	struct xdp_program before; /* the old program */
	struct xdp_program after;  /* the requested program */
	__u8 operation;
	__u8 mode;
	char message[XDP_MESSAGE_SIZE]; /* the kernel's message to the caller (extack); may be empty */
	__u8 reserved[2];
};
LAYOUT_ASSERT(sizeof(struct xdp_event) == 144, "no padding");

/* A port, for example of a bond, to which its upper device passes its program. */
struct xdp_port {
	__u32 netns;
	__u32 netns_cookie; /* both as in struct device_ref */
	__u32 ifindex;
};
LAYOUT_ASSERT(sizeof(struct xdp_port) == 12, "no padding: every key byte is set");

#endif
