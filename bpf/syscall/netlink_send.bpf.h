/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Netlink requests as a process sends them, and the kernel's answers.
 *
 * The kernel handles requests within the call that sends them. So the exit reads everything: the requests
 * from the sender's memory, one after the other, and the error from the acknowledgement, which by then is in
 * the socket's receive queue. The entry only stores the socket, and the last message of its queue.
 *
 * What a second thread does during the call may be missed, if it changes the memory, or receives from the
 * same socket and so removes the error.
 */
#ifndef NETCHANGE_NETLINK_SEND_BPF_H
#define NETCHANGE_NETLINK_SEND_BPF_H

#include <linux/netlink.h>
#include <linux/socket.h>
#include <linux/uio.h>

#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/kernel_types.h"
#include "bpf/syscall/descriptor.bpf.h"

#define AF_NETLINK 16 /* linux/socket.h defines it for the kernel only */

#define SEND_VECTORS    8  /* pieces read of one datagram */
#define SEND_REQUESTS   64 /* requests read of one call; more are counted as lost */
#define STEP_REQUESTS   8
#define SEND_BYTES      256       /* bytes read of a request; its device comes first */
#define SEND_MOST_BYTES (1 << 24) /* above the limit of a netlink socket, below any text */

/* struct msghdr and struct mmsghdr, which are not in the UAPI. */
struct user_msghdr {
	void *name;
	__u32 name_size;
	__u32 reserved;
	struct iovec *vectors;
	__u64 vector_count;
	void *control;
	__u64 control_size;
	__u64 flags;
};

struct user_mmsghdr {
	struct user_msghdr message;
	__u64 sent;
};

/* How the arguments of a system call describe the message. */
enum send_form {
	SEND_BUFFER = 1,   /* one piece of memory: sendto(), write() */
	SEND_VECTOR = 2,   /* an array of struct iovec: writev() */
	SEND_MESSAGE = 3,  /* a struct msghdr: sendmsg() */
	SEND_MESSAGES = 4, /* an array of struct mmsghdr: sendmmsg() */
};

/* The message that a call sends. */
struct netlink_send {
	__u64 memory; /* user address of the memory described by `form` */
	__u64 count;  /* bytes of a buffer, or elements of an array */
	__u64 to;     /* user address of the destination, 0: none or in `memory` */
	struct sock *socket;
	struct sk_buff *queued; /* last message of the receive queue at the entry */
	__u32 form;             /* enum send_form; 0: not a request on a netlink socket */
	__u32 reserved;
};

/* One copied request. */
struct netlink_request {
	__u32 datagram;         /* of sendmmsg() */
	__u32 offset;           /* offset in the datagram */
	__u32 size;             /* copied bytes */
	__s32 error;            /* of its acknowledgement */
	__u64 skip;             /* bytes before `offset` in the next pieces */
	__u64 left;             /* bytes of the datagram after `offset` */
	struct sk_buff *answer; /* where to continue in the receive queue */
	struct sk_buff *looked; /* at what to look next, for this request */
	struct nlmsghdr header;
	char bytes[2 * SEND_BYTES]; /* the header and what follows; second half: space for its end */
};

static __always_inline bool is_message(__u32 form)
{
	return form == SEND_MESSAGE || form == SEND_MESSAGES;
}

static __always_inline bool read_message(struct user_msghdr *message, const struct netlink_send *send,
					 __u32 datagram)
{
	__u64 at = send->memory + (__u64)datagram * sizeof(struct user_mmsghdr);

	return !bpf_probe_read_user(message, sizeof(*message), (const void *)at);
}

/* Reads the array of pieces of one datagram; false if it cannot be read. */
static __always_inline bool read_vectors(struct iovec **vectors, __u64 *count,
					 const struct netlink_send *send, __u32 datagram)
{
	struct user_msghdr message;

	if (send->form == SEND_VECTOR) {
		*vectors = (struct iovec *)send->memory;
		*count = send->count;
		return true;
	}
	if (!read_message(&message, send, datagram))
		return false;
	*vectors = message.vectors;
	*count = message.vector_count;
	return true;
}

static __always_inline bool read_piece(struct iovec *piece, const struct netlink_send *send, __u32 datagram,
				       __u32 index)
{
	struct iovec *vectors;
	__u64 count;

	if (send->form == SEND_BUFFER) {
		piece->iov_base = (void *)send->memory;
		piece->iov_len = send->count;
		return index == 0;
	}
	return read_vectors(&vectors, &count, send, datagram) && index < count &&
	       !bpf_probe_read_user(piece, sizeof(*piece), vectors + index);
}

/* --- entry -------------------------------------------------------------------------------------------- */

/*
 * False if the first number in the memory cannot be the length of a request, as in nearly all other data.
 * True if the memory cannot be read now.
 */
static __always_inline bool may_be_request(const void *memory, __u64 size)
{
	__u32 length;

	if (size < sizeof(struct nlmsghdr))
		return false;
	if (bpf_probe_read_user(&length, sizeof(length), memory))
		return true;
	return length >= sizeof(struct nlmsghdr) && length < SEND_MOST_BYTES;
}

#define NOT_NETLINK (-1)

/* NETLINK_* of linux/netlink.h. */
static __always_inline int netlink_protocol_of(struct sock *socket)
{
	if (!socket || BPF_CORE_READ(socket, __sk_common.skc_family) != AF_NETLINK)
		return NOT_NETLINK;
	return BPF_CORE_READ(socket, sk_protocol);
}

/* Sets the rest of `send`. */
static __always_inline void netlink_send_begin(struct netlink_send *send, struct sock *socket)
{
	send->socket = socket;
	send->queued = BPF_CORE_READ(socket, sk_receive_queue.prev);
}

/* --- exit --------------------------------------------------------------------------------------------- */

/* True if a datagram goes to the kernel, not to a process with a port. */
static __always_inline bool is_for_kernel(const struct netlink_send *send, __u32 datagram)
{
	struct user_msghdr message = {};
	struct netlink_sock *socket = (struct netlink_sock *)send->socket;
	struct sockaddr_nl to = {};
	__u64 address = send->to;

	if (is_message(send->form)) {
		read_message(&message, send, datagram);
		address = message.name_size ? (__u64)message.name : 0;
	}
	if (!address)
		return BPF_CORE_READ(socket, dst_portid) == 0;
	bpf_probe_read_user(&to, sizeof(to), (const void *)address);
	return to.nl_pid == 0;
}

/* As in netlink_rcv_skb(): an incomplete message ends a datagram, and is not a request. */
static __always_inline bool is_whole(const struct netlink_request *request)
{
	__u32 length = request->header.nlmsg_len;

	return request->size >= sizeof(request->header) && length >= sizeof(request->header) &&
	       length <= request->left;
}

static __always_inline void end_datagram(struct netlink_request *request)
{
	request->datagram++;
	request->offset = 0;
}

/* True if another request follows in the same datagram. */
static __always_inline bool has_next(const struct netlink_request *request)
{
	return NLMSG_ALIGN((__u64)request->header.nlmsg_len) + sizeof(request->header) <= request->left;
}

/* Moves on to the next request. */
static __always_inline void pass_request(struct netlink_request *request)
{
	if (has_next(request))
		request->offset += NLMSG_ALIGN((__u64)request->header.nlmsg_len);
	else
		end_datagram(request);
}

#endif
