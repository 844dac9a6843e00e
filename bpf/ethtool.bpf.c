/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * ethtool commands. By ioctl they all pass dev_ethtool(). By netlink they all pass genl_rcv_msg(), once per
 * request, with the answer that the sender gets: also requests refused for want of rights, numbers that this
 * kernel does not know, and handlers that a later kernel will add. The family's id tells them from the rest.
 */
#include "compat.bpf.h"

#include <linux/errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "device.bpf.h"
#include "duration.bpf.h"
#include "ethtool.h"
#include "event.bpf.h"
#include "filter.bpf.h"
#include "hook.bpf.h"
#include "inflight.bpf.h"
#include "kernel_types.h"
#include "netlink_attribute.bpf.h"
#include "netlink_sent.bpf.h"

#define COMMAND_PERQUEUE 0x0000004b /* ETHTOOL_PERQUEUE of linux/ethtool.h */
#define ATTRIBUTE_HEADER 1          /* ETHTOOL_A_*_HEADER: the same number in every request */
#define HEADER_DEV_NAME  2          /* ETHTOOL_A_HEADER_DEV_NAME */

struct ethtool_call {
	__u64 start_ns;
	struct ethnl_req_info *request; /* between entry and exit of ethnl_parse_header_dev_get() */
	__u64 user_command;             /* user address of the command number, if it is still to be read */
	__u64 user_ifreq;               /* user address of the whole request; only by system calls */
	struct sent sent;               /* only by system calls: the socket, and what goes to it */
	struct ethtool_key key;         /* all but the actor's labels and the result */
	__u8 dump;
	__u8 ifreq_unread;
	struct ethtool_duration_key duration_key;
};

COUNT_MAP(ethtool_commands, struct ethtool_key, struct counter);
COUNT_MAP(ethtool_durations, struct ethtool_duration_key, struct duration_histogram);
INFLIGHT(struct ethtool_call, 1)

static const struct counter kNoCommands;

static __always_inline struct duration_histogram *durations_of(struct ethtool_call *call)
{
	struct ethtool_duration_key *key = &call->duration_key;

	key->device = call->key.device;
	key->command = call->key.command;
	key->transport = call->key.transport;
	return count_value(&ethtool_durations, key, &kNoDurations);
}

/* A call has ended: counts it, and tells of it. */
static __always_inline void record_command(struct ethtool_call *call, int result)
{
	__u64 now = bpf_ktime_get_boot_ns();
	struct duration_histogram *durations;
	struct counter *counter;
	struct event *event;

	if (!wants_device(&call->key.device))
		return;
	call->key.error = error_of(result);
	read_actor_labels(&call->key.actor);
	counter = count_value(&ethtool_commands, &call->key, &kNoCommands);
	if (counter)
		counter_add(counter, now);
	durations = durations_of(call);
	if (durations)
		duration_add(durations, now - call->start_ns);
	if (!counter || !durations)
		count_lost_update();

	event = emit_begin(EVENT_ETHTOOL, &call->key.device, result, call->start_ns, now);
	if (!event)
		return;
	event->ethtool.command = call->key.command;
	event->ethtool.transport = call->key.transport;
	emit_end(event);
}

static __always_inline struct ethtool_call *begin_command(enum ethtool_transport transport, struct net *net)
{
	struct ethtool_call *call = call_begin(0, 0);

	if (!call)
		return NULL;
	call->start_ns = bpf_ktime_get_boot_ns();
	call->key.transport = transport;
	read_netns(&call->key.device, net);
	return call;
}

/* --- ioctl ------------------------------------------------------------------------------------------- */

/* The command is the first number of the user's structure; of ETHTOOL_PERQUEUE, the one behind it counts. */
static __always_inline bool read_user_command(__u32 *command, const void *user)
{
	__u32 numbers[2] = {};

	if (bpf_probe_read_user(&numbers[0], sizeof(numbers[0]), user))
		return false;
	*command = numbers[0];
	if (numbers[0] == COMMAND_PERQUEUE &&
	    !bpf_probe_read_user(&numbers[1], sizeof(numbers[1]), user + sizeof(numbers[0])))
		*command = numbers[1];
	return true;
}

static __always_inline void ioctl_enter(struct net *net, const void *ifreq, const void *user)
{
	struct ethtool_call *call = begin_command(ETHTOOL_TRANSPORT_IOCTL, net);

	if (!call)
		return;
	read_device_name(&call->key.device, ifreq); /* ifr_name comes first, and is a kernel copy */
	/* Read before the call, as the kernel does. A page that is not in memory yet is after the call. */
	if (!read_user_command(&call->key.command, user))
		call->user_command = (__u64)user;
}

static __always_inline void dev_ethtool_enter(const __u64 *arguments)
{
	ioctl_enter((void *)arguments[0], (void *)arguments[1], (void *)arguments[2]);
}

/* With two arguments (seen on 5.10) the user's address is in the request. Can go with that kernel. */
static __always_inline void dev_ethtool_2_enter(const __u64 *arguments)
{
	const void *ifreq = (void *)arguments[1];
	void *user = NULL;

	bpf_probe_read_kernel(&user, sizeof(user), ifreq + IFNAME_SIZE); /* ifr_data follows ifr_name */
	ioctl_enter((void *)arguments[0], ifreq, user);
}

static __always_inline void dev_ethtool_leave(int result)
{
	struct ethtool_call *call = call_find(0);

	if (!call || call->key.transport != ETHTOOL_TRANSPORT_IOCTL)
		return;
	if (call->user_command)
		read_user_command(&call->key.command, (const void *)call->user_command);
	record_command(call, result);
	call_end(0);
}

HOOK(dev_ethtool, 3, dev_ethtool_enter, dev_ethtool_leave)
HOOK_AS(dev_ethtool_2, dev_ethtool, 2, dev_ethtool_2_enter, dev_ethtool_leave)

/* The device may have been asked for by an alternative name: the kernel's look-up tells which one it is. */
static __always_inline void dev_get_by_name_leave(__u64 result)
{
	struct net_device *dev = (struct net_device *)result;
	struct ethtool_call *call = dev ? call_find(0) : NULL;

	if (call && call->key.transport == ETHTOOL_TRANSPORT_IOCTL)
		read_device_name(&call->key.device, dev->name);
}

HOOK_EXIT(__dev_get_by_name, __dev_get_by_name, 2, dev_get_by_name_leave)
HOOK_EXIT(netdev_get_by_name, netdev_get_by_name, 4, dev_get_by_name_leave) /* seen on 7.2 */

/* --- netlink ----------------------------------------------------------------------------------------- */

/* The device that was asked for. Once the kernel has found it, its own name takes the place of this one. */
static __always_inline void read_requested_device(struct device_ref *device, struct span attributes)
{
	struct span header = find_attribute(attributes, ATTRIBUTE_HEADER);
	struct span name = find_attribute(header, HEADER_DEV_NAME);
	__u32 size = name.size < IFNAME_SIZE ? name.size : IFNAME_SIZE - 1;

	if (size && size < IFNAME_SIZE)
		bpf_probe_read_kernel_str(device->name, size + 1, name.at); /* with or without its NUL */
}

static __always_inline void genl_rcv_msg_enter(const __u64 *arguments)
{
	struct sk_buff *skb = (void *)arguments[0];
	const void *message = (const void *)arguments[1];
	struct ethtool_call *call;
	struct genlmsghdr genl = {};
	struct nlmsghdr header = {};

	bpf_probe_read_kernel(&header, sizeof(header), message);
	if (!settings.ethtool_family || header.nlmsg_type != settings.ethtool_family)
		return;
	call = begin_command(ETHTOOL_TRANSPORT_NETLINK, BPF_CORE_READ(skb, sk, __sk_common.skc_net.net));
	if (!call)
		return;
	if (header.nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		return; /* the kernel refuses it; command 0 */
	bpf_probe_read_kernel(&genl, sizeof(genl), message + NLMSG_HDRLEN);
	call->key.command = genl.cmd;
	call->dump = (header.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	if (call->dump) {
		call->key.device.name[0] = '*';
		return;
	}
	read_requested_device(&call->key.device,
			      (struct span){message + NLMSG_HDRLEN + GENL_HDRLEN,
					    header.nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN});
}

static __always_inline void genl_rcv_msg_leave(int result)
{
	struct ethtool_call *call = call_find(0);

	if (!call || call->key.transport != ETHTOOL_TRANSPORT_NETLINK)
		return;
	/* A dump that runs answers -EINTR, which tells netlink to send no acknowledgement. */
	if (call->dump && result == -EINTR)
		result = 0;
	record_command(call, result);
	call_end(0);
}

HOOK(genl_rcv_msg, 3, genl_rcv_msg_enter, genl_rcv_msg_leave)

/* The kernel looks the device up: by name, by alternative name or by index. */
static __always_inline void ethnl_parse_header_dev_get_enter(const __u64 *arguments)
{
	struct ethtool_call *call = call_find(0);

	if (call)
		call->request = (struct ethnl_req_info *)arguments[0];
}

static __always_inline void ethnl_parse_header_dev_get_leave(int result)
{
	struct ethtool_call *call = call_find(0);
	struct ethnl_req_info *request = call ? call->request : NULL;
	struct net_device *dev;

	if (!request)
		return;
	dev = BPF_CORE_READ(request, dev);
	call->request = NULL;
	if (result == 0 && dev && !call->dump)
		read_device_name(&call->key.device, dev->name);
}

HOOK(ethnl_parse_header_dev_get, 5, ethnl_parse_header_dev_get_enter, ethnl_parse_header_dev_get_leave)

#include "ethtool_syscall.bpf.h"

char LICENSE[] SEC("license") = "GPL";
