/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * ethtool commands. By ioctl they all pass dev_ethtool(). By netlink they all pass genl_rcv_msg(), once per
 * request, with the answer that the sender gets: also requests without permission, numbers that this kernel
 * does not know, and handlers that a later kernel will add. The family's id distinguishes them from others.
 */
#include "bpf/ethtool.bpf.h"

#include <linux/errno.h>
#include <linux/genetlink.h>

#include "bpf/lib/hook.bpf.h"

/* --- ioctl ------------------------------------------------------------------------------------------- */

static __always_inline void ioctl_enter(struct net *net, const void *ifreq, const void *user)
{
	struct ethtool_call *call = ethtool_command_begin(ETHTOOL_TRANSPORT_IOCTL, net);

	if (!call)
		return;
	read_device_name(&call->key.device, ifreq); /* ifr_name, a copy in kernel memory */
	/* Read before the call, as the kernel does. If the page is not in memory yet, it is after the
	 * call. */
	if (!read_user_command(&call->key.command, user))
		call->user_command = (__u64)user;
}

static __always_inline void ioctl_end(int result)
{
	struct ethtool_call *call = ethtool_call_find();

	if (!call || call->key.transport != ETHTOOL_TRANSPORT_IOCTL)
		return;
	if (call->user_command)
		read_user_command(&call->key.command, (const void *)call->user_command);
	record_ethtool_command(call, result);
	ethtool_call_end();
}

HOOK_ENTER(dev_ethtool, struct net *net, const void *ifreq, const void *user)
{
	ioctl_enter(net, ifreq, user);
}

HOOK_EXIT(dev_ethtool, 3, int result)
{
	ioctl_end(result);
}

/* Before 5.15, the user's address is in the request. */
HOOK_ENTER_AS(dev_ethtool_2, dev_ethtool, struct net *net, const void *ifreq)
{
	void *user = NULL;

	bpf_probe_read_kernel(&user, sizeof(user), ifreq + IFNAME_SIZE); /* ifr_data follows ifr_name */
	ioctl_enter(net, ifreq, user);
}

HOOK_EXIT_AS(dev_ethtool_2, dev_ethtool, 2, int result)
{
	ioctl_end(result);
}

/* The request may have an alternative name. */
static __always_inline void ioctl_device(struct net_device *dev)
{
	struct ethtool_call *call = ethtool_call_find();

	if (call && call->key.transport == ETHTOOL_TRANSPORT_IOCTL)
		device_looked_up(call, dev);
}

HOOK_EXIT(__dev_get_by_name, 2, struct net_device *dev)
{
	ioctl_device(dev);
}

/* Seen on 7.2. */
HOOK_EXIT(netdev_get_by_name, 4, struct net_device *dev)
{
	ioctl_device(dev);
}

/* --- netlink ----------------------------------------------------------------------------------------- */

HOOK_ENTER(genl_rcv_msg, struct sk_buff *skb, const void *message)
{
	struct ethtool_call *call;
	struct genlmsghdr genl = {};
	struct nlmsghdr header = {};

	bpf_probe_read_kernel(&header, sizeof(header), message);
	if (!settings.ethtool_family || header.nlmsg_type != settings.ethtool_family)
		return;
	call = ethtool_command_begin(ETHTOOL_TRANSPORT_NETLINK,
				     BPF_CORE_READ(skb, sk, __sk_common.skc_net.net));
	if (!call)
		return;
	if (header.nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		return; /* the kernel refuses it; command 0 */
	bpf_probe_read_kernel(&genl, sizeof(genl), message + NLMSG_HDRLEN);
	call->key.command = genl.cmd;
	read_target(call, header.nlmsg_flags,
		    payload_at(message + NLMSG_HDRLEN + GENL_HDRLEN,
			       header.nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN));
}

HOOK_EXIT(genl_rcv_msg, 3, int result)
{
	struct ethtool_call *call = ethtool_call_find();

	if (!call || call->key.transport != ETHTOOL_TRANSPORT_NETLINK)
		return;
	/* A dump that runs answers -EINTR, so that netlink sends no acknowledgement. */
	if (call->dump && result == -EINTR)
		result = 0;
	record_ethtool_command(call, result);
	ethtool_call_end();
}

/* The kernel looks the device up by name, by alternative name or by index. */
HOOK_ENTER(ethnl_parse_header_dev_get, struct ethnl_req_info *request)
{
	struct ethtool_call *call = ethtool_call_find();

	if (call)
		call->request = request;
}

HOOK_EXIT(ethnl_parse_header_dev_get, 5, int result)
{
	struct ethtool_call *call = ethtool_call_find();
	struct ethnl_req_info *request = call ? call->request : NULL;
	struct net_device *dev;

	if (!request)
		return;
	dev = BPF_CORE_READ(request, dev);
	call->request = NULL;
	if (!call->every_device && (result == -ENODEV || (result == 0 && dev)))
		device_looked_up(call, result == 0 ? dev : NULL);
}
