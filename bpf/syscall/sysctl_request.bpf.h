/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Sysctls that a request on a netlink socket sets, the first request of each call. An error does not say
 * which setting failed: those that changed were applied, the others count as refused.
 */
#ifndef NETCHANGE_SYSCALL_SYSCTL_REQUEST_BPF_H
#define NETCHANGE_SYSCALL_SYSCTL_REQUEST_BPF_H

#include <linux/errno.h>

#include "bpf/syscall/rtnetlink.bpf.h"

#include "bpf/sysctl_attributes.bpf.h"

/* IFLA_AF_SPEC of a device that exists. */
static __always_inline void add_link_settings(struct net_device *dev)
{
	__u32 all = range_of(LINK_ATTRIBUTES, SEND_BYTES), families, range;

	families = requested_attribute(all, IFLA_AF_SPEC);
	if (!families)
		return;
	range = requested_attribute(families, FAMILY_INET6);
	if (range)
		add_inet6(dev, range);
	range = requested_attribute(families, FAMILY_INET);
	if (range)
		add_inet(dev, range);
}

static __always_inline void add_neighbour_request(struct net *net)
{
	__u32 index = neighbour_device();
	struct net_device *dev = NULL;

	if (index)
		dev = find_device_by_index(net, index);
	if (!index || dev)
		add_neighbour_table(net, dev);
}

/* The request is the one that rtnetlink_receive() read. */
__noinline int sysctl_request_enter(int type)
{
	struct system_call *call = system_call_find();
	struct sysctl_request *request;

	if (!is_traced(COLLECTOR_SYSCTL) || !call)
		return 0;
	if (!is_neighbour_request(type) && (!call->dev || !find_place(LINK_ATTRIBUTES, IFLA_AF_SPEC)))
		return 0;
	request = sysctl_request_begin(call->request.bytes, call->request.size);
	if (!request)
		return 0;
	if (is_neighbour_request(type))
		add_neighbour_request(namespace_of(call->send.socket));
	else
		add_link_settings(call->dev);
	if (request->count || request->lost)
		call->collectors |= COLLECTOR_BIT(COLLECTOR_SYSCTL);
	else
		sysctl_request_end();
	return 0;
}

/* `answer`: the kernel's; `returned`: by the system call. A request without permission does not get here in
 * the kernel. */
__noinline int sysctl_netlink_leave(__s64 returned, int answer)
{
	if (!is_traced(COLLECTOR_SYSCTL))
		return 0;
	if (returned > 0 && answer != -EPERM)
		sysctl_request_leave(answer);
	else if (sysctl_request_find())
		sysctl_request_end();
	return 0;
}

#endif
