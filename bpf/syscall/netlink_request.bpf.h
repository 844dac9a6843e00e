/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Reads the requests of the system call that the task is in, and the kernel's answers. The functions are
 * global, and loops are in steps, so that the verifier checks each once for each program.
 */
#ifndef NETCHANGE_NETLINK_REQUEST_BPF_H
#define NETCHANGE_NETLINK_REQUEST_BPF_H

#include "bpf/syscall/netlink_send.bpf.h"
#include "bpf/syscall/system_call.bpf.h"

/* Messages read of a receive queue: 128. */
#define QUEUE_STEPS   8
#define STEP_MESSAGES 16

/* Copies the part of the request that is in this piece of the datagram. 0: there is no more. */
__noinline int add_piece(__u32 index)
{
	struct system_call *call = system_call_find();
	struct netlink_request *request;
	struct iovec piece = {};
	__u64 skip;
	__u32 part, at;

	if (!call)
		return 0;
	request = &call->request;
	if (!read_piece(&piece, &call->send, request->datagram, index))
		return 0;
	skip = request->skip < piece.iov_len ? request->skip : piece.iov_len;
	request->skip -= skip;
	piece.iov_len -= skip;
	request->left += piece.iov_len;
	at = request->size;
	part = SEND_BYTES - at < piece.iov_len ? SEND_BYTES - at : piece.iov_len;
	barrier_var(part); /* otherwise clang drops the masks, which the verifier needs */
	barrier_var(at);
	part &= 2 * SEND_BYTES - 1;
	at &= 2 * SEND_BYTES - 1;
	if (part > SEND_BYTES || at > SEND_BYTES ||
	    (part && bpf_probe_read_user(&request->bytes[at], part, piece.iov_base + skip)))
		return 0;
	request->size = at + part;
	return 1;
}

/* Copies the beginning of the rest of a datagram, from all pieces that have a part of it. */
__noinline int read_request(void)
{
	struct system_call *call = system_call_find();
	struct netlink_request *request;

	if (!call)
		return 0;
	request = &call->request;
	request->skip = request->offset;
	request->size = request->left = 0;
	for (int i = 0; i < SEND_VECTORS; i++)
		if (!add_piece(i))
			break;
	__builtin_memcpy(&request->header, request->bytes, sizeof(request->header));
	return 0;
}

/* --- answers -------------------------------------------------------------------------------------------- */

/* The receive queue: a ring that contains the socket's own head. */
static __always_inline struct sk_buff *receive_queue_of(struct sock *socket)
{
	return (void *)socket + bpf_core_field_offset(struct sock, sk_receive_queue);
}

/* Goes back some messages, not beyond those that follow `queued` or the head. */
__noinline __u64 earlier_message(__u64 from, __u64 head, __u64 queued)
{
	for (int i = 0; i < STEP_MESSAGES; i++) {
		__u64 at = (__u64)BPF_CORE_READ((struct sk_buff *)from, prev);

		if (!at || at == head || at == queued)
			break;
		from = at;
	}
	return from;
}

/* Finds the first answer to this call: it follows the last message at the entry. */
static __always_inline void find_answers(struct netlink_request *request, const struct netlink_send *send)
{
	__u64 head = (__u64)receive_queue_of(send->socket), from = head;

	for (int i = 0; i < QUEUE_STEPS; i++)
		from = earlier_message(from, head, (__u64)send->queued);
	request->answer = from == head ? NULL : (struct sk_buff *)from;
}

/* Looks at some messages for the request's acknowledgement. 1: found, or there are no more. */
__noinline int find_acknowledgement(void)
{
	struct system_call *call = system_call_find();
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} answer = {};
	struct netlink_request *request;
	struct sk_buff *at, *head;
	__u32 differs;

	if (!call)
		return 1;
	request = &call->request;
	at = request->looked;
	head = receive_queue_of(call->send.socket);
	for (int i = 0; i < STEP_MESSAGES; i++) {
		if (!at || at == head)
			return 1;
		bpf_probe_read_kernel(&answer, sizeof(answer), BPF_CORE_READ(at, data));
		at = BPF_CORE_READ(at, next);
		differs = (answer.header.nlmsg_type ^ NLMSG_ERROR) |
			  (answer.error.msg.nlmsg_seq ^ request->header.nlmsg_seq) |
			  (answer.error.msg.nlmsg_type ^ request->header.nlmsg_type) |
			  (answer.error.msg.nlmsg_len ^ request->header.nlmsg_len);
		if (!differs) {
			request->answer = at;
			request->error = answer.error.error;
			return 1;
		}
	}
	request->looked = at;
	return 0;
}

/*
 * The result of a request: the error of its acknowledgement, or 0 without one (a request that succeeded and
 * did not ask for it). Acknowledgements are in the order of the requests.
 */
static __always_inline int result_of(struct netlink_request *request)
{
	request->error = 0;
	request->looked = request->answer;
	for (int i = 0; i < QUEUE_STEPS; i++)
		if (find_acknowledgement())
			break;
	return request->error;
}

/* The same of the only request of a call. `sent`: the result of the system call, bytes or an error. */
__noinline int answer_of_call(__s64 sent)
{
	struct system_call *call = system_call_find();

	if (!call || sent <= 0)
		return (int)sent;
	find_answers(&call->request, &call->send);
	return result_of(&call->request);
}

/* --- several requests ----------------------------------------------------------------------------------- */

static __always_inline void begin_datagrams(struct netlink_request *request, const struct netlink_send *send)
{
	request->datagram = 0;
	request->offset = 0;
	find_answers(request, send);
}

#endif
