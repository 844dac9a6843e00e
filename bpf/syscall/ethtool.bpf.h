/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * ethtool commands as system calls: ioctl() on a socket, and requests sent on a generic netlink socket. Part
 * of ethtool.bpf.c, whose functions count them; for kernels where its functions cannot be looked at.
 */
#ifndef NETCHANGE_SYSCALL_ETHTOOL_BPF_H
#define NETCHANGE_SYSCALL_ETHTOOL_BPF_H

#include "bpf/ethtool.bpf.h"
#include "bpf/syscall/device_lookup.bpf.h"
#include "bpf/syscall/netlink_send.bpf.h"
#include "bpf/syscall/syscall.bpf.h"

#define REQUEST_ETHTOOL  0x8946 /* SIOCETHTOOL of linux/sockios.h */
#define HEADER_DEV_INDEX 1      /* ETHTOOL_A_HEADER_DEV_INDEX */

struct ethtool_scratch {
	struct netlink_request request;
	struct ethtool_call call;
	union any_name name;
	union any_name other;
};

SCRATCH_MAP(ethtool_scratch, struct ethtool_scratch);

/* --- int ioctl(descriptor, request, struct ifreq *) ------------------------------------------------- */

struct user_ifreq {
	char name[IFNAME_SIZE];
	void *data;
	__u64 rest[2]; /* the kernel reads it too, and fails where it cannot */
};

/* False if it cannot be read. */
static __always_inline bool read_ifreq(struct ethtool_call *call)
{
	struct net *net = namespace_of(call->send.socket);
	struct ethtool_scratch *scratch;
	struct user_ifreq ifreq;
	struct net_device *dev;

	if (bpf_probe_read_user(&ifreq, sizeof(ifreq), (const void *)call->user_ifreq))
		return false;
	scratch = scratch_get(COLLECTOR_ETHTOOL, &ethtool_scratch, &ethtool_scratch_zero);
	if (!scratch)
		return false; /* the exit tries again */
	call->ifreq_unread = 0;
	read_ioctl_name(&scratch->name, ifreq.name);
	__builtin_memcpy(call->key.device.name, scratch->name.text, IFNAME_SIZE);
	dev = find_device_by_altname(net, &scratch->name, &scratch->other);
	if (dev)
		read_device_name(&call->key.device, dev->name);
	if (!read_user_command(&call->key.command, ifreq.data))
		call->user_command = (__u64)ifreq.data;
	scratch_put(&ethtool_scratch);
	return true;
}

static __always_inline void ioctl_enter_ethtool(const __u64 *arguments)
{
	struct ethtool_call *call;
	struct sock *socket;

	if ((__u32)arguments[1] != REQUEST_ETHTOOL)
		return;
	socket = socket_of((__u32)arguments[0]);
	if (!socket)
		return;
	call = ethtool_command_begin(ETHTOOL_TRANSPORT_IOCTL, namespace_of(socket));
	if (!call)
		return;
	call_began();
	call->user_ifreq = arguments[2];
	call->ifreq_unread = 1;
	call->send.socket = socket;
	read_ifreq(call);
}

static __always_inline void ioctl_leave(struct ethtool_call *call, __s64 result)
{
	if (call->ifreq_unread)
		read_ifreq(call);
	if (call->user_command)
		read_user_command(&call->key.command, (const void *)call->user_command);
	/* An ifreq that nobody can read did not get as far as dev_ethtool(). */
	if (!call->ifreq_unread)
		record_ethtool_command(call, (int)result);
}

SYSTEM_CALL_ENTER(ioctl, ioctl_enter_ethtool)

/* --- requests on a netlink socket ---------------------------------------------------------------------- */

static __always_inline void begin_requests(struct netlink_send *send, __u32 descriptor)
{
	struct ethtool_call *call;

	if (!settings.ethtool_family || !netlink_send_begin(send, descriptor, NETLINK_GENERIC))
		return;
	call = ethtool_command_begin(ETHTOOL_TRANSPORT_NETLINK, namespace_of(send->socket));
	if (!call)
		return;
	call_began();
	call->send = *send;
}

/* By the kernel's own name, as the device is called now; what was asked for if there is none. */
static __always_inline void read_request_device(struct ethtool_scratch *scratch, struct net *net,
						struct nla_payload attributes)
{
	struct nla_payload header = find_attribute(attributes, ATTRIBUTE_HEADER);
	struct nla_payload name = find_attribute(header, HEADER_DEV_NAME);
	struct nla_payload index = find_attribute(header, HEADER_DEV_INDEX);
	struct net_device *dev = NULL;
	int number = 0;

	read_requested_device(&scratch->call.key.device, attributes);
	if (index.size >= sizeof(number)) {
		bpf_probe_read_kernel(&number, sizeof(number), index.at);
		dev = find_device_by_index(net, number);
	} else if (name.size) {
		__u32 size = name.size < ALTNAME_SIZE ? name.size : ALTNAME_SIZE - 1;

		__builtin_memset(&scratch->name, 0, sizeof(scratch->name));
		if (size && size < ALTNAME_SIZE)
			bpf_probe_read_kernel_str(scratch->name.text, size + 1, name.at);
		dev = find_device_by_altname(net, &scratch->name, &scratch->other);
	}
	if (dev)
		read_device_name(&scratch->call.key.device, dev->name);
}

/*
 * Counts the request that was read, if it is one. A function of its own, not inlined, for the verifier's
 * sake: it looks at it once, and not once for each request that a call may hold.
 */
__noinline int record_request(void)
{
	const __u32 begin = NLMSG_HDRLEN + GENL_HDRLEN;
	struct ethtool_call *sender = ethtool_call_find();
	struct ethtool_scratch *scratch = scratch_find(&ethtool_scratch);
	struct ethtool_call *call;
	struct nlmsghdr header;
	struct genlmsghdr genl;
	int result;

	if (!sender || !scratch)
		return 0;
	header = scratch->request.header;
	if (header.nlmsg_type != settings.ethtool_family || !(header.nlmsg_flags & NLM_F_REQUEST))
		return 0;
	call = &scratch->call;
	*call = *sender;
	if (header.nlmsg_len >= begin && scratch->request.size >= begin) {
		__builtin_memcpy(&genl, scratch->request.bytes + NLMSG_HDRLEN, sizeof(genl));
		call->key.command = genl.cmd;
		call->dump = (header.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
		if (call->dump) {
			call->key.device.name[0] = '*';
		} else {
			__u32 size = scratch->request.size < header.nlmsg_len ? scratch->request.size
									      : header.nlmsg_len;

			read_request_device(
				scratch, namespace_of(sender->send.socket),
				(struct nla_payload){scratch->request.bytes + begin, size - begin});
		}
	}
	result = result_of(&scratch->request, &sender->send);
	record_ethtool_command(call, result);
	return 0;
}

/* Reads the request at the place where `scratch` is, or goes on to the next datagram: then 0. */
__noinline int next_request(void)
{
	struct ethtool_call *sender = ethtool_call_find();
	struct ethtool_scratch *scratch = scratch_find(&ethtool_scratch);

	if (!sender || !scratch)
		return 0;
	read_request(&scratch->request, &sender->send);
	if (is_whole(&scratch->request) &&
	    (scratch->request.offset || is_for_kernel(&sender->send, scratch->request.datagram)))
		return 1;
	end_datagram(&scratch->request);
	return 0;
}

static __always_inline void record_requests(struct ethtool_call *sender, __u32 datagrams)
{
	struct ethtool_scratch *scratch =
		scratch_get(COLLECTOR_ETHTOOL, &ethtool_scratch, &ethtool_scratch_zero);
	struct netlink_request *request;

	if (!scratch)
		return;
	request = &scratch->request;
	begin_datagrams(request, &sender->send);
	for (int i = 0; i < SEND_REQUESTS && request->datagram < datagrams; i++) {
		if (!next_request())
			continue;
		record_request();
		pass_request(request);
	}
	if (request->datagram < datagrams)
		count_lost_update(COLLECTOR_ETHTOOL);
	scratch_put(&ethtool_scratch);
}

SENDING_CALL(sendto, SEND_BUFFER, arguments[2], arguments[4], begin_requests)
SENDING_CALL(sendmsg, SEND_MESSAGE, 1, 0, begin_requests)
SENDING_CALL(sendmmsg, SEND_MESSAGES, arguments[2], 0, begin_requests)
SENDING_CALL(write, SEND_BUFFER, arguments[2], 0, begin_requests)
SENDING_CALL(writev, SEND_VECTOR, arguments[2], 0, begin_requests)

/* --- the exit of any of them --------------------------------------------------------------------------- */

static __always_inline void system_call_leave(__s64 result)
{
	struct ethtool_call *call = ethtool_call_find();

	if (!call)
		return;
	if (call->key.transport == ETHTOOL_TRANSPORT_IOCTL)
		ioctl_leave(call, result);
	else if (result > 0)
		record_requests(call, call->send.form == SEND_MESSAGES ? result : 1);
	ethtool_call_end();
	call_ended();
}

SYSTEM_CALLS_EXIT(system_call_leave)

#endif
