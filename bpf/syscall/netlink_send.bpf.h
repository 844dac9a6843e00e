/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Netlink requests as a process sends them, and the kernel's answers, for hooks on system calls.
 *
 * The kernel handles the requests within the call that sends them. So all is read at the exit: the requests
 * from the sender's memory, one after the other, whatever number one call holds; and the error, if there was
 * one, from the acknowledgement that by then waits in the socket's receive queue. The entry only notes the
 * socket, and where its queue ended.
 *
 * What a second thread does meanwhile may be missed: one that changes the memory, or that receives from the
 * same socket, and so takes an error away.
 */
#ifndef NETCHANGE_NETLINK_SENT_BPF_H
#define NETCHANGE_NETLINK_SENT_BPF_H

#include <linux/netlink.h>
#include <linux/socket.h>
#include <linux/uio.h>

#include "bpf/lib/netlink_send.h"
#include "bpf/syscall/syscall.bpf.h"

#define AF_NETLINK 16 /* linux/socket.h has it for the kernel only */

#define SEND_VECTORS    8         /* pieces of one datagram that are looked at */
#define SEND_REQUESTS   64        /* of one call; more are counted as lost */
#define SEND_BYTES      256       /* of a request: its device stands first, with at most 128 bytes of name */
#define QUEUED          128       /* answers that are looked at, from the newest */
#define SEND_MOST_BYTES (1 << 24) /* above what a netlink socket takes at once, below any text */

/* Of struct msghdr and struct mmsghdr, which the UAPI does not have. */
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

/* One request, copied. It lies in scratch memory. */
struct netlink_request {
	__u32 datagram; /* of sendmmsg() */
	__u32 offset;   /* in the datagram */
	__u32 size;     /* bytes that are here */
	__u32 reserved;
	__u64 left;             /* bytes of the datagram from `offset` on */
	struct sk_buff *answer; /* where in the receive queue to look from */
	struct nlmsghdr header;
	char bytes[2 * SEND_BYTES]; /* the header, and what follows; the second half is room to end in */
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

/* The array of pieces of one datagram; false where it cannot be read. */
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
 * Whether the beginning of what is sent may be a netlink request: of nearly everything else, the first number
 * is no length that fits. Memory that cannot be read may hold one.
 */
static __always_inline bool may_be_netlink(const struct netlink_send *send)
{
	struct iovec piece;
	__u32 length;

	if (!read_piece(&piece, send, 0, 0) || (send->form != SEND_BUFFER && piece.iov_len < sizeof(length)))
		return true;
	if (piece.iov_len < sizeof(struct nlmsghdr) && send->form == SEND_BUFFER)
		return false;
	if (bpf_probe_read_user(&length, sizeof(length), piece.iov_base))
		return true;
	return length >= sizeof(struct nlmsghdr) && length < SEND_MOST_BYTES;
}

/*
 * Whether `send`, of which memory, count, to and form are set, may be requests on a socket of this netlink
 * protocol (NETLINK_*). Then the rest of it is set too.
 */
static __always_inline bool netlink_send_begin(struct netlink_send *send, __u32 descriptor, __u16 protocol)
{
	struct sock *socket;

	/* Whichever is quicker: sendmsg() gives its memory in three steps, and is only for sockets. */
	if (is_message(send->form))
		socket = socket_of_file(file_of(descriptor));
	else
		socket = may_be_netlink(send) ? socket_of(descriptor) : NULL;
	if (!socket || BPF_CORE_READ(socket, __sk_common.skc_family) != AF_NETLINK ||
	    BPF_CORE_READ(socket, sk_protocol) != protocol)
		return false;
	send->socket = socket;
	send->queued = BPF_CORE_READ(socket, sk_receive_queue.prev);
	return true;
}

/*
 * The entry of a call that sends: begin(struct netlink_send *, descriptor), with memory, count, to and form
 * set. `how_many`, `where`: expressions of `arguments` for count and to.
 */
#define SENDING_CALL(call, what, how_many, where, begin)                 \
	static __always_inline void call##_enter(const __u64 *arguments) \
	{                                                                \
		struct netlink_send send = {                             \
			.memory = arguments[1],                          \
			.count = how_many,                               \
			.to = where,                                     \
			.form = what,                                    \
		};                                                       \
                                                                         \
		begin(&send, (__u32)arguments[0]);                       \
	}                                                                \
                                                                         \
	SYSTEM_CALL_ENTER(call, call##_enter)

/* --- exit --------------------------------------------------------------------------------------------- */

/* Whether a datagram goes to the kernel, and not to a process that has a port. */
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

/* Copies the beginning of what is left of a datagram, over all pieces that hold a part of it. */
static __always_inline void read_request(struct netlink_request *request, const struct netlink_send *send)
{
	__u64 skip = request->offset;
	__u32 size = 0;

	request->left = 0;
	for (int i = 0; i < SEND_VECTORS; i++) {
		struct iovec piece;
		__u32 part, at = size;

		if (!read_piece(&piece, send, request->datagram, i))
			break;
		if (skip >= piece.iov_len) {
			skip -= piece.iov_len;
			continue;
		}
		piece.iov_base += skip;
		piece.iov_len -= skip;
		skip = 0;
		request->left += piece.iov_len;
		part = SEND_BYTES - size < piece.iov_len ? SEND_BYTES - size : piece.iov_len;
		barrier_var(part); /* else clang drops the masks, which the verifier wants to see */
		barrier_var(at);
		part &= 2 * SEND_BYTES - 1;
		at &= 2 * SEND_BYTES - 1;
		if (part > SEND_BYTES || at > SEND_BYTES ||
		    bpf_probe_read_user(&request->bytes[at], part, piece.iov_base))
			break;
		size += part;
	}
	request->size = size;
	__builtin_memcpy(&request->header, request->bytes, sizeof(request->header));
}

/* As netlink_rcv_skb() asks: what is not whole ends a datagram, and is no request. */
static __always_inline bool is_whole(const struct netlink_request *request)
{
	__u32 length = request->header.nlmsg_len;

	return request->size >= sizeof(request->header) && length >= sizeof(request->header) &&
	       length <= request->left;
}

/* The receive queue: a ring, of which the socket's own head is one. */
static __always_inline struct sk_buff *queue_of(struct sock *socket)
{
	return (void *)socket + bpf_core_field_offset(struct sock, sk_receive_queue);
}

/* Where in the receive queue the answers to this call begin: behind what was the last at the entry. */
static __always_inline void find_answers(struct netlink_request *request, const struct netlink_send *send)
{
	struct sk_buff *head = queue_of(send->socket), *at = BPF_CORE_READ(head, prev);

	request->answer = NULL;
	for (int i = 0; i < QUEUED && at && at != head && at != send->queued; i++) {
		request->answer = at;
		at = BPF_CORE_READ(at, prev);
	}
}

static __always_inline void begin_datagrams(struct netlink_request *request, const struct netlink_send *send)
{
	request->datagram = 0;
	request->offset = 0;
	find_answers(request, send);
}

static __always_inline void end_datagram(struct netlink_request *request)
{
	request->datagram++;
	request->offset = 0;
}

/* Whether another one stands behind the request that was read, in the same datagram. */
static __always_inline bool has_next(const struct netlink_request *request)
{
	return NLMSG_ALIGN((__u64)request->header.nlmsg_len) + sizeof(request->header) <= request->left;
}

/* Goes on to what stands behind the request that was read. */
static __always_inline void pass_request(struct netlink_request *request)
{
	if (has_next(request))
		request->offset += NLMSG_ALIGN((__u64)request->header.nlmsg_len);
	else
		end_datagram(request);
}

/*
 * The result of a request: that of its acknowledgement, or 0 where there is none, as after a request that
 * succeeded and did not ask for one. Acknowledgements have the order of the requests.
 */
static __always_inline int result_of(struct netlink_request *request, const struct netlink_send *send)
{
	struct sk_buff *head = queue_of(send->socket), *at = request->answer;

	for (int i = 0; i < QUEUED && at && at != head; i++) {
		struct {
			struct nlmsghdr header;
			struct nlmsgerr error;
		} answer = {};

		bpf_probe_read_kernel(&answer, sizeof(answer), BPF_CORE_READ(at, data));
		at = BPF_CORE_READ(at, next);
		if (answer.header.nlmsg_type == NLMSG_ERROR &&
		    answer.error.msg.nlmsg_seq == request->header.nlmsg_seq &&
		    answer.error.msg.nlmsg_type == request->header.nlmsg_type &&
		    answer.error.msg.nlmsg_len == request->header.nlmsg_len) {
			request->answer = at;
			return answer.error.error;
		}
	}
	return 0;
}

/* What the only request of a call was answered. */
static __always_inline int answer_of(struct netlink_request *request, const struct nlmsghdr *header,
				     const struct netlink_send *send)
{
	request->header = *header;
	begin_datagrams(request, send);
	return result_of(request, send);
}

#endif
