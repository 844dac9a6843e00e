/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What a process sends on a netlink socket, as the records of calls keep it; see syscall/netlink_send.bpf.h.
 */
#ifndef NETCHANGE_NETLINK_SEND_H
#define NETCHANGE_NETLINK_SEND_H

#include "bpf/lib/kernel_types.h"

/* How a call gives what it sends. */
enum send_form {
	SEND_BUFFER = 1,   /* one piece of memory: sendto(), write() */
	SEND_VECTOR = 2,   /* an array of struct iovec: writev() */
	SEND_MESSAGE = 3,  /* a struct msghdr: sendmsg() */
	SEND_MESSAGES = 4, /* an array of struct mmsghdr: sendmmsg() */
};

/* Kept from entry to exit. */
struct netlink_send {
	__u64 memory; /* user address of what `form` says */
	__u64 count;  /* bytes of a buffer, else elements of an array */
	__u64 to;     /* user address of where it goes, 0 for none; that of sendmsg() is in its memory */
	struct sock *socket;
	struct sk_buff *queued; /* the last in the receive queue at the entry */
	__u32 form;
	__u32 reserved;
};

#endif
