/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* ethtool commands: ioctl() on a socket, and requests sent on a generic netlink socket. */
#ifndef NETCHANGE_SYSCALL_ETHTOOL_BPF_H
#define NETCHANGE_SYSCALL_ETHTOOL_BPF_H

#include <linux/genetlink.h>

#include "bpf/ethtool.bpf.h"
#include "bpf/syscall/device_lookup.bpf.h"
#include "bpf/syscall/ioctl.bpf.h"
#include "bpf/syscall/netlink_request.bpf.h"
#include "bpf/syscall/system_call.bpf.h"

#define REQUEST_ETHTOOL 0x8946 /* SIOCETHTOOL of linux/sockios.h */

static __always_inline struct ethtool_call *ethtool_enter(struct system_call *system_call,
							  enum ethtool_transport transport)
{
	struct ethtool_call *call = ethtool_command_begin(transport, namespace_of(system_call->send.socket));

	if (call)
		system_call->collectors |= COLLECTOR_BIT(COLLECTOR_ETHTOOL);
	return call;
}

/*
 * Looks for the device of the requested name, system_call->name. The kernel does that at another moment: a
 * name that is not found here may have been found there.
 */
static __always_inline void look_up_name(struct system_call *system_call, struct ethtool_call *call)
{
	struct net *net = namespace_of(system_call->send.socket);
	struct netdev_name_node *node = find_name(net, &system_call->name);
	struct net_device *dev = node ? BPF_CORE_READ(node, dev) : NULL;

	if (!dev)
		return;
	/* The device's own name is already known. Read again, it could be the new one of a rename. */
	if (BPF_CORE_READ(node, name) == (const char *)&dev->name)
		call->lookup = LOOKUP_FOUND;
	else
		device_looked_up(call, dev);
}

/* Not inlined, so that the verifier checks it once, and for its stack. */
__noinline int record_ethtool_call(int result)
{
	struct ethtool_call *call;

	if (!is_traced(COLLECTOR_ETHTOOL))
		return 0;
	call = ethtool_call_find();
	if (call)
		record_ethtool_command(call, result);
	return 0;
}

/* --- ioctl ------------------------------------------------------------------------------------------- */

/* Read at the entry, as the kernel does; at the exit if a page was not in memory then. */
static __always_inline void read_ethtool_ifreq(struct system_call *system_call, struct ethtool_call *call)
{
	struct user_ifreq ifreq = {};

	system_call->ifreq_unread = !read_ifreq(&ifreq, system_call);
	if (system_call->ifreq_unread)
		return;
	read_ioctl_name(&system_call->name, ifreq.name);
	__builtin_memcpy(call->key.device.name, system_call->name.text, IFNAME_SIZE);
	look_up_name(system_call, call);
	if (!read_user_command(&call->key.command, ifreq.data))
		call->user_command = (__u64)ifreq.data;
}

__noinline int ethtool_ioctl_enter(void)
{
	struct system_call *system_call = system_call_find();
	struct ethtool_call *call;

	if (!is_traced(COLLECTOR_ETHTOOL) || !system_call)
		return 0;
	call = ethtool_enter(system_call, ETHTOOL_TRANSPORT_IOCTL);
	if (call)
		read_ethtool_ifreq(system_call, call);
	return 0;
}

static __always_inline void ethtool_ioctl_leave(struct system_call *system_call, struct ethtool_call *call,
						int result)
{
	if (system_call->ifreq_unread)
		read_ethtool_ifreq(system_call, call);
	if (call->user_command)
		read_user_command(&call->key.command, (const void *)call->user_command);
	/* If the kernel cannot read the ifreq, it fails before dev_ethtool(). */
	if (!system_call->ifreq_unread)
		record_ethtool_call(result);
}

/* --- netlink ----------------------------------------------------------------------------------------- */

/* Replaces the requested name by the device's current one, if there is a device. */
static __always_inline void read_request_device(struct system_call *system_call, struct ethtool_call *call,
						struct nla_payload attributes)
{
	struct net *net = namespace_of(system_call->send.socket);
	struct nla_payload header = find_attribute(attributes, ATTRIBUTE_HEADER);
	struct nla_payload name = find_attribute(header, HEADER_DEV_NAME);
	struct nla_payload index = find_attribute(header, HEADER_DEV_INDEX);
	struct net_device *dev = NULL;
	int number = 0;

	if (index.size >= sizeof(number)) {
		bpf_probe_read_kernel(&number, sizeof(number), (const void *)index.at);
		dev = find_device_by_index(net, number);
	} else if (name.size) {
		__u64 size = name.size < ALTNAME_SIZE ? name.size : ALTNAME_SIZE - 1;

		__builtin_memset(&system_call->name, 0, sizeof(system_call->name));
		barrier_var(size); /* otherwise the verifier does not see its range */
		if (size < ALTNAME_SIZE)
			bpf_probe_read_kernel_str(system_call->name.text, size + 1, (const void *)name.at);
		look_up_name(system_call, call);
	}
	if (dev)
		device_looked_up(call, dev);
}

/* Reads command and device from the request. */
static __always_inline void read_command(struct system_call *system_call, struct ethtool_call *call)
{
	const __u32 begin = NLMSG_HDRLEN + GENL_HDRLEN;
	const struct netlink_request *request = &system_call->request;
	__u32 length = request->header.nlmsg_len;
	__u32 size = request->size < length ? request->size : length;
	struct nla_payload attributes;
	struct genlmsghdr genl;

	call->dump = call->every_device = 0;
	call->lookup = LOOKUP_NONE;
	call->key.command = 0;
	call->attributes = 0;
	__builtin_memset(&call->key.device, 0, sizeof(call->key.device)); /* folded by the request before */
	read_netns(&call->key.device, namespace_of(system_call->send.socket));
	if (size < begin)
		return;
	__builtin_memcpy(&genl, request->bytes + NLMSG_HDRLEN, sizeof(genl));
	call->key.command = genl.cmd;
	attributes = payload_at(request->bytes + begin, size - begin);
	read_target(call, request->header.nlmsg_flags, attributes);
	if (!call->every_device)
		read_request_device(system_call, call, attributes);
}

/* Reads the next request. At the end of a datagram goes on to the next one, and returns false. */
static __always_inline bool next_request(struct system_call *call)
{
	read_request();
	if (is_whole(&call->request) &&
	    (call->request.offset || is_for_kernel(&call->send, call->request.datagram)))
		return true;
	end_datagram(&call->request);
	return false;
}

/* Reads the next request, and moves on. 1: it is an ethtool command, and its result is in
 * netlink_request.error. */
__noinline int next_ethtool_request(void)
{
	struct system_call *system_call = system_call_find();
	struct netlink_request *request;
	struct ethtool_call *call;
	bool is_ethtool;

	if (!is_traced(COLLECTOR_ETHTOOL) || !system_call)
		return 0;
	call = ethtool_call_find();
	if (!call || !next_request(system_call))
		return 0;
	request = &system_call->request;
	is_ethtool = request->header.nlmsg_type == settings.ethtool_family &&
		     request->header.nlmsg_flags & NLM_F_REQUEST;
	if (is_ethtool) {
		read_command(system_call, call);
		result_of(request);
	}
	pass_request(request);
	return is_ethtool;
}

/* The results of some requests. They are read in steps, which keeps the verifier's work small. */
__noinline int some_ethtool_requests_leave(__u32 datagrams)
{
	struct system_call *call = system_call_find();
	struct netlink_request *request;

	if (!call)
		return 0;
	request = &call->request;
	for (int i = 0; i < STEP_REQUESTS && request->datagram < datagrams; i++)
		if (next_ethtool_request())
			record_ethtool_call(request->error);
	return 0;
}

static __always_inline void ethtool_requests_leave(struct system_call *call, __u32 datagrams)
{
	struct netlink_request *request = &call->request;

	begin_datagrams(request, &call->send);
	for (int i = 0; i < SEND_REQUESTS / STEP_REQUESTS && request->datagram < datagrams; i++)
		some_ethtool_requests_leave(datagrams);
	if (request->datagram < datagrams)
		count_lost_update(COLLECTOR_ETHTOOL);
}

/* The exit of all these calls. */
__noinline int ethtool_leave(__s64 result)
{
	struct system_call *system_call = system_call_find();
	struct ethtool_call *call;

	if (!is_traced(COLLECTOR_ETHTOOL) || !system_call)
		return 0;
	call = ethtool_call_find();
	if (!call)
		return 0;
	if (call->key.transport == ETHTOOL_TRANSPORT_IOCTL)
		ethtool_ioctl_leave(system_call, call, (int)result);
	else if (result > 0)
		ethtool_requests_leave(system_call, system_call->send.form == SEND_MESSAGES ? result : 1);
	ethtool_call_end();
	return 0;
}

#endif
