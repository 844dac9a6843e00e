/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The first request of a call on a NETLINK_ROUTE socket, in the record of the system call: its attributes,
 * its device, and its answer. Functions are not inlined if the verifier would check them more than once. A
 * global BPF function takes and returns numbers.
 */
#ifndef NETCHANGE_RTNETLINK_BPF_H
#define NETCHANGE_RTNETLINK_BPF_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "bpf/lib/netlink_attribute.bpf.h"
#include "bpf/syscall/device_lookup.bpf.h"
#include "bpf/syscall/netlink_request.bpf.h"
#include "bpf/syscall/system_call.bpf.h"

/* Offsets of the attributes in RTM_NEWLINK and RTM_SETLINK, and in requests of traffic control. */
#define LINK_ATTRIBUTES (NLMSG_HDRLEN + sizeof(struct ifinfomsg))
#define TC_ATTRIBUTES   NLMSG_SPACE(sizeof(struct tcmsg))

/* Position of an attribute's payload in the request. */
struct place {
	__u16 offset; /* offset in the request */
	__u16 length; /* bytes; 0: no such attribute */
};

static __always_inline struct place place_of(int packed)
{
	return (struct place){.offset = (__u16)packed, .length = (__u16)((__u32)packed >> 16)};
}

static __always_inline int pack(struct place place)
{
	return (int)((__u32)place.length << 16 | place.offset);
}

/* The attribute of this type as a packed struct place; 0 if there is none. The attributes start at
 * `begin`. */
__noinline int find_place(__u32 begin, __u32 type)
{
	struct system_call *call = system_call_find();
	struct nla_payload attributes, found;
	__u32 size;

	if (!call)
		return 0;
	size = call->request.size;
	if (begin > SEND_BYTES || size > SEND_BYTES || size < begin)
		return 0;
	attributes = payload_at(call->request.bytes + begin, size - begin);
	found = find_attribute(attributes, type);
	if (!found.size)
		return 0;
	return pack((struct place){.offset = begin + (found.at - attributes.at), .length = found.size});
}

static __always_inline const void *payload_of(struct system_call *call, struct place place)
{
	return call->request.bytes + (place.offset & (2 * SEND_BYTES - 1));
}

static __always_inline bool is_link_request(int type)
{
	return type == RTM_NEWLINK || type == RTM_SETLINK;
}

static __always_inline bool is_qdisc_request(int type)
{
	return type == RTM_NEWQDISC || type == RTM_DELQDISC;
}

static __always_inline bool is_neighbour_request(int type)
{
	return type == RTM_SETNEIGHTBL;
}

static __always_inline bool is_counted_request(int type)
{
	return is_link_request(type) || is_qdisc_request(type) ||
	       (is_traced(COLLECTOR_SYSCTL) && is_neighbour_request(type));
}

/* Finds the device by its name, which stays in the record. */
static __always_inline struct net_device *find_named_device(struct system_call *call)
{
	int packed = find_place(LINK_ATTRIBUTES, IFLA_IFNAME);
	struct place place;
	__u64 size;

	if (!packed)
		packed = find_place(LINK_ATTRIBUTES, IFLA_ALT_IFNAME);
	place = place_of(packed);
	size = place.length < ALTNAME_SIZE ? place.length : ALTNAME_SIZE - 1;
	barrier_var(size);
	if (!size || size >= ALTNAME_SIZE)
		return NULL;
	bpf_probe_read_kernel_str(call->name.text, size + 1, payload_of(call, place));
	return find_device_by_name(namespace_of(call->send.socket), &call->name);
}

/* The device of a request of this type; NULL if there is none. */
static __always_inline struct net_device *requested_device(struct system_call *call, int type)
{
	struct net *net = namespace_of(call->send.socket);
	struct ifinfomsg link;
	struct tcmsg qdisc;

	if (is_neighbour_request(type))
		return NULL; /* its device is in its attributes */
	if (is_qdisc_request(type)) {
		__builtin_memcpy(&qdisc, call->request.bytes + NLMSG_HDRLEN, sizeof(qdisc));
		return find_device_by_index(net, qdisc.tcm_ifindex);
	}
	__builtin_memcpy(&link, call->request.bytes + NLMSG_HDRLEN, sizeof(link));
	return link.ifi_index > 0 ? find_device_by_index(net, link.ifi_index) : find_named_device(call);
}

/* Reads the first request of the call, and finds its device. Returns its type; 0 if no collector counts such
 * requests. */
__noinline int rtnetlink_receive(void)
{
	struct system_call *call = system_call_find();
	struct netlink_request *request;
	int type;

	if (!call)
		return 0;
	request = &call->request;
	read_request();
	type = request->header.nlmsg_type;
	if (!is_whole(request) || !(request->header.nlmsg_flags & NLM_F_REQUEST) ||
	    !is_counted_request(type) ||
	    request->size < (is_link_request(type)    ? LINK_ATTRIBUTES
			     : is_qdisc_request(type) ? TC_ATTRIBUTES
						      : NLMSG_HDRLEN) ||
	    !is_for_kernel(&call->send, 0))
		return 0;
	if (request->size > request->header.nlmsg_len)
		request->size = request->header.nlmsg_len;
	call->dev = requested_device(call, type);
	return type;
}

/* True if rtnetlink_receive() could not read a request, because its memory was not in use yet. */
static __always_inline bool is_unread(const struct system_call *call)
{
	return call->request.size < sizeof(call->request.header) &&
	       call->send.count >= (call->send.form == SEND_BUFFER ? sizeof(call->request.header) : 1);
}

/* The exit of a call whose request could not be read at the entry. The device's values before the request are
 * not known any more, so what the request sets is counted as lost. */
__noinline int count_unread_request(void)
{
	struct system_call *call = system_call_find();
	int type = rtnetlink_receive();

	if (!call || !type)
		return 0;
	if (is_traced(COLLECTOR_SYSCTL) &&
	    (is_neighbour_request(type) ||
	     (is_link_request(type) && find_place(LINK_ATTRIBUTES, IFLA_AF_SPEC))))
		count_lost_update(COLLECTOR_SYSCTL);
	if (is_traced(COLLECTOR_LINK) && !is_neighbour_request(type))
		count_lost_update(COLLECTOR_LINK);
	if (is_traced(COLLECTOR_XDP) && is_link_request(type) && find_place(LINK_ATTRIBUTES, IFLA_XDP))
		count_lost_update(COLLECTOR_XDP);
	return 0;
}

#endif
