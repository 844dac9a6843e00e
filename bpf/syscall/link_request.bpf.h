/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Settings of links as requests on a netlink socket, the first of each call: RTM_SETLINK, RTM_NEWLINK, and
 * those for root queueing disciplines. Part of syscall/link.bpf.h.
 *
 * A request may set several settings; each has a record. Where it is refused, the answer does not say which
 * of them was: the kernel takes them in the order of leave_settings(), so those that the device has by then
 * were set, the first that it has not was refused, and the others were not tried.
 */
#ifndef NETCHANGE_LINK_REQUEST_BPF_H
#define NETCHANGE_LINK_REQUEST_BPF_H

#include "bpf/link.bpf.h"
#include "bpf/lib/netlink_attribute.bpf.h"
#include "bpf/syscall/device_lookup.bpf.h"
#include "bpf/syscall/netlink_send.bpf.h"

struct link_scratch {
	struct netlink_request request;
	struct netlink_send send;
	struct net_device *dev; /* that the request is for */
	union any_name name;
	union any_name other;
};

SCRATCH_MAP(link_scratch, struct link_scratch);

static __always_inline struct link_scratch *link_scratch_find(void)
{
	return scratch_find(&link_scratch);
}

static __always_inline struct link_call *setting_begin(enum link_setting setting, struct net_device *dev)
{
	struct link_call *call = link_write_begin(setting, dev);

	if (!call)
		return NULL;
	call_began();
	if (dev)
		read_before(setting, call, dev);
	return call;
}

/* The payload of an attribute of the request in the scratch memory. */
struct place {
	__u16 offset; /* in the request */
	__u16 length; /* bytes; 0: there is no such attribute */
};

static __always_inline struct place place_of(int packed)
{
	return (struct place){.offset = (__u16)packed, .length = (__u16)((__u32)packed >> 16)};
}

static __always_inline int pack(struct place place)
{
	return (int)((__u32)place.length << 16 | place.offset);
}

/*
 * A struct place, packed: a global function of BPF returns a number. Not inlined, as the functions below: the
 * verifier checks it once.
 */
__noinline int find_place(__u32 begin, __u32 type)
{
	struct link_scratch *scratch = link_scratch_find();
	struct nla_payload attributes, found;
	__u32 size;

	if (!scratch)
		return 0;
	size = scratch->request.size;
	if (begin > SEND_BYTES || size > SEND_BYTES || size < begin)
		return 0;
	attributes = (struct nla_payload){scratch->request.bytes + begin, size - begin};
	found = find_attribute(attributes, type);
	if (!found.size)
		return 0;
	return pack(
		(struct place){.offset = found.at - (void *)scratch->request.bytes, .length = found.size});
}

static __always_inline const void *payload_of(struct link_scratch *scratch, struct place place)
{
	return scratch->request.bytes + (place.offset & (2 * SEND_BYTES - 1));
}

static __always_inline void keep_send(struct link_call *call, struct link_scratch *scratch)
{
	call->send = scratch->send;
	call->message_header = scratch->request.header;
}

/* Begins what one attribute of that request sets. */
__noinline int begin_attribute(__u32 setting, int packed)
{
	struct link_scratch *scratch = link_scratch_find();
	struct place place = place_of(packed);
	struct setting_value *written;
	struct link_call *call;
	const void *payload;
	__u32 number = 0;

	if (!scratch || !packed)
		return 0;
	call = setting_begin(setting, scratch->dev);
	if (!call)
		return 0;
	keep_send(call, scratch);
	written = &call->write.written;
	payload = payload_of(scratch, place);
	if (setting == LINK_ADDRESS) {
		set_address(written, scratch->dev, payload);
	} else if (setting == LINK_NAME) {
		set_name(written, payload, place.length);
	} else {
		bpf_probe_read_kernel(&number, sizeof(number), payload);
		set_integer(written, number);
	}
	return 0;
}

/* As rtnl_dev_combine_flags(). Of a device that is only made now the old ones are not known yet. */
static __always_inline void begin_flags(struct link_scratch *scratch, const struct ifinfomsg *info)
{
	__u32 mask = info->ifi_change ? info->ifi_change : ~0U;
	struct net_device *dev = scratch->dev;
	struct link_call *call;
	__u32 flags;

	if (!info->ifi_flags && !info->ifi_change)
		return;
	call = setting_begin(LINK_FLAGS, dev);
	if (!call)
		return;
	keep_send(call, scratch);
	flags = BPF_CORE_READ(dev, flags);
	set_integer(&call->write.written, (info->ifi_flags & mask) | (flags & ~mask));
	call->flags_set = info->ifi_flags & mask;
	if (dev)
		return;
	read_netns(&call->write.key.device, namespace_of(scratch->send.socket));
	__builtin_memcpy(call->write.key.device.name, scratch->name.text, IFNAME_SIZE);
}

/* The device that the request is for, or NULL; its name in the scratch, if it is called by one. */
static __always_inline struct net_device *find_requested(struct link_scratch *scratch, int index)
{
	const __u32 begin = NLMSG_HDRLEN + sizeof(struct ifinfomsg);
	struct net *net = namespace_of(scratch->send.socket);
	__u64 size;
	struct place place;
	int packed;

	if (index > 0)
		return find_device_by_index(net, index);
	packed = find_place(begin, IFLA_IFNAME);
	if (!packed)
		packed = find_place(begin, IFLA_ALT_IFNAME);
	place = place_of(packed);
	__builtin_memset(&scratch->name, 0, sizeof(scratch->name));
	size = place.length < ALTNAME_SIZE ? place.length : ALTNAME_SIZE - 1;
	barrier_var(size);
	if (!size || size >= ALTNAME_SIZE)
		return NULL;
	bpf_probe_read_kernel_str(scratch->name.text, size + 1, payload_of(scratch, place));
	return find_device_by_name(net, &scratch->name, &scratch->other);
}

/*
 * Whether the request is for a device of another namespace, or moves it to one, where it may get another
 * name: what it sets then is not followed, but lost.
 */
static __always_inline bool leaves_namespace(__u32 begin)
{
	return find_place(begin, IFLA_NET_NS_PID) || find_place(begin, IFLA_NET_NS_FD) ||
	       find_place(begin, IFLA_TARGET_NETNSID);
}

static __always_inline bool sets_something(__u32 begin, const struct ifinfomsg *info)
{
	return info->ifi_flags || info->ifi_change || find_place(begin, IFLA_MTU) ||
	       find_place(begin, IFLA_ADDRESS) || find_place(begin, IFLA_TXQLEN);
}

__noinline int begin_link(void)
{
	const __u32 begin = NLMSG_HDRLEN + sizeof(struct ifinfomsg);
	struct link_scratch *scratch = link_scratch_find();
	struct ifinfomsg info;
	__u16 flags;

	if (!scratch || scratch->request.size < begin)
		return 0;
	__builtin_memcpy(&info, scratch->request.bytes + NLMSG_HDRLEN, sizeof(info));
	flags = scratch->request.header.nlmsg_flags;
	if (leaves_namespace(begin)) {
		if (sets_something(begin, &info))
			count_lost_update(COLLECTOR_LINK);
		return 0;
	}
	scratch->dev = find_requested(scratch, info.ifi_index);
	if (scratch->dev && scratch->request.header.nlmsg_type == RTM_NEWLINK &&
	    flags & (NLM_F_EXCL | NLM_F_REPLACE))
		return 0; /* refused: there is such a device */
	if (scratch->dev) {
		/* The innermost ends first (inflight.bpf.h): the opposite order to leave_settings(). */
		begin_attribute(LINK_TX_QUEUE_LEN, find_place(begin, IFLA_TXQLEN));
		begin_flags(scratch, &info);
		if (info.ifi_index > 0)
			begin_attribute(LINK_NAME, find_place(begin, IFLA_IFNAME));
		begin_attribute(LINK_MTU, find_place(begin, IFLA_MTU));
		begin_attribute(LINK_ADDRESS, find_place(begin, IFLA_ADDRESS));
	} else if (scratch->request.header.nlmsg_type == RTM_NEWLINK && flags & NLM_F_CREATE) {
		begin_flags(scratch, &info);
	} else if (info.ifi_index <= 0 && find_place(begin, IFLA_GROUP)) {
		count_lost_update(
			COLLECTOR_LINK); /* of all devices of a group, which nobody goes through here */
	}
	return 0;
}

__noinline int begin_qdisc(void)
{
	const __u32 begin = NLMSG_SPACE(sizeof(struct tcmsg));
	struct link_scratch *scratch = link_scratch_find();
	struct net_device *dev;
	struct link_call *call;
	struct tcmsg request;
	struct place place;

	if (!scratch || scratch->request.size < begin)
		return 0;
	__builtin_memcpy(&request, scratch->request.bytes + NLMSG_HDRLEN, sizeof(request));
	dev = find_device_by_index(namespace_of(scratch->send.socket), request.tcm_ifindex);
	if ((request.tcm_parent && request.tcm_parent != TC_H_ROOT) ||
	    (dev ? !concerns_root(&request, dev) : request.tcm_parent != TC_H_ROOT))
		return 0;
	call = setting_begin(LINK_QDISC, dev);
	if (!call)
		return 0;
	if (!dev)
		read_netns(&call->write.key.device, namespace_of(scratch->send.socket));
	keep_send(call, scratch);
	place = place_of(find_place(begin, TCA_KIND));
	set_name(&call->write.written, payload_of(scratch, place), place.length);
	return 0;
}

/* Reads the first request of the call in the scratch. Its type; 0 if it is none. */
__noinline int receive_request(void)
{
	struct link_scratch *scratch = link_scratch_find();
	struct netlink_request *request;

	if (!scratch)
		return 0;
	request = &scratch->request;
	request->datagram = request->offset = 0;
	barrier(); /* else clang makes a loop for just this place, which 5.10 does not take */
	read_request(request, &scratch->send);
	if (!is_whole(request) || !is_for_kernel(&scratch->send, 0))
		return 0;
	if (request->size > request->header.nlmsg_len)
		request->size = request->header.nlmsg_len;
	return request->header.nlmsg_type;
}

static __always_inline void begin_link_request(struct netlink_send *send, __u32 descriptor)
{
	bool is_link, is_qdisc;
	struct link_scratch *scratch;
	int type;

	if (!netlink_send_begin(send, descriptor, NETLINK_ROUTE))
		return;
	scratch = scratch_get(COLLECTOR_LINK, &link_scratch, &link_scratch_zero);
	if (!scratch)
		return;
	scratch->send = *send;
	type = receive_request();
	is_link = type == RTM_SETLINK || type == RTM_NEWLINK;
	is_qdisc = type == RTM_NEWQDISC || type == RTM_DELQDISC;
	if (is_link)
		begin_link();
	if (is_qdisc)
		begin_qdisc();
	if ((is_link || is_qdisc) && has_next(&scratch->request))
		count_lost_update(COLLECTOR_LINK); /* those behind it, which nobody reads here */
	scratch_put(&link_scratch);
}

SENDING_CALL(sendto, SEND_BUFFER, arguments[2], arguments[4], begin_link_request)
SENDING_CALL(sendmsg, SEND_MESSAGE, 1, 0, begin_link_request)

/* --- the answer --------------------------------------------------------------------------------------- */

/* Of a device that this request has made: false if there is none. Its flags before are computed. */
static __always_inline bool find_made(struct link_scratch *scratch, struct link_call *call)
{
	struct config_write *write = &call->write;
	struct net_device *dev;

	__builtin_memset(&scratch->name, 0, sizeof(scratch->name));
	__builtin_memcpy(scratch->name.text, write->key.device.name, IFNAME_SIZE);
	dev = find_device_by_name(namespace_of(call->send.socket), &scratch->name, &scratch->other);
	if (!dev) {
		count_lost_update(
			COLLECTOR_LINK); /* a name that the kernel has chosen, or one in another namespace */
		return false;
	}
	call->dev = dev;
	set_integer(&write->old_value, BPF_CORE_READ(dev, flags) & ~call->flags_set);
	return true;
}

/* Of one setting of a request that was answered so: 0 for one that was set before another failed. */
static __always_inline int result_of_setting(enum link_setting setting, struct link_call *call, int answer)
{
	if (answer >= 0 || setting == LINK_QDISC)
		return answer;
	read_setting(setting, &call->write.new_value, call->dev);
	return values_differ(&call->write.new_value, &call->write.written) ? answer : 0;
}

#endif
