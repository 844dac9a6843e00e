/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Settings of links as requests on a netlink socket, the first of each call: RTM_SETLINK, RTM_NEWLINK, and
 * requests for root qdiscs. Part of syscall/link.bpf.h.
 *
 * A request may set several attributes; each has a record. An error does not say which attribute failed. The
 * kernel applies them in the order of link_settings_leave(), so we compare with the device afterwards:
 * matching values were applied, the first mismatch failed, the rest were not attempted.
 */
#ifndef NETCHANGE_LINK_REQUEST_BPF_H
#define NETCHANGE_LINK_REQUEST_BPF_H

#include "bpf/link.bpf.h"
#include "bpf/syscall/device_lookup.bpf.h"
#include "bpf/syscall/rtnetlink.bpf.h"
#include "bpf/syscall/system_call.bpf.h"

/* Begins a write to the device of the system call. */
static __always_inline struct link_call *setting_begin(struct system_call *system_call,
						       enum link_setting setting)
{
	struct link_call *call = link_write_begin(setting, system_call->dev);

	if (!call)
		return NULL;
	system_call->collectors |= COLLECTOR_BIT(COLLECTOR_LINK);
	if (system_call->dev)
		read_before(setting, call, system_call->dev);
	return call;
}

/* Stores the requested name. */
static __always_inline void name_missing_device(struct system_call *system_call, struct link_call *call)
{
	read_netns(&call->write.key.device, namespace_of(system_call->send.socket));
	__builtin_memcpy(call->write.key.device.name, system_call->name.text, IFNAME_SIZE);
}

/* Begins the write of one attribute of the request. Not inlined, so that the verifier checks it once. */
__noinline int begin_attribute(__u32 setting, int packed)
{
	struct system_call *system_call = system_call_find();
	struct place place = place_of(packed);
	struct setting_value *written;
	struct link_call *call;
	const void *payload;
	__u32 number = 0;

	if (!is_traced(COLLECTOR_LINK) || !system_call || !packed)
		return 0;
	call = setting_begin(system_call, setting);
	if (!call)
		return 0;
	written = &call->write.written;
	payload = payload_of(system_call, place);
	if (setting == LINK_ADDRESS) {
		set_address(written, system_call->dev, payload);
	} else if (setting == LINK_NAME) {
		set_name(written, payload, place.length);
	} else {
		bpf_probe_read_kernel(&number, sizeof(number), payload);
		set_integer(written, number);
	}
	return 0;
}

/* As rtnl_dev_combine_flags(). If the request creates the device, its flags are read at the exit. */
static __always_inline void begin_flags(struct system_call *system_call, const struct ifinfomsg *info)
{
	__u32 mask = info->ifi_change ? info->ifi_change : ~0U;
	struct net_device *dev = system_call->dev;
	struct link_call *call;
	__u32 flags;

	if (!info->ifi_flags && !info->ifi_change)
		return;
	call = setting_begin(system_call, LINK_FLAGS);
	if (!call)
		return;
	flags = BPF_CORE_READ(dev, flags);
	set_integer(&call->write.written, (info->ifi_flags & mask) | (flags & ~mask));
	system_call->flags_set = info->ifi_flags & mask;
	if (!dev)
		name_missing_device(system_call, call);
}

/*
 * True if the request is for a device in another namespace, or moves it there, where it may get another name.
 * We do not follow it; its settings count as lost.
 */
static __always_inline bool leaves_namespace(void)
{
	return find_place(LINK_ATTRIBUTES, IFLA_NET_NS_PID) || find_place(LINK_ATTRIBUTES, IFLA_NET_NS_FD) ||
	       find_place(LINK_ATTRIBUTES, IFLA_TARGET_NETNSID);
}

static __always_inline bool sets_something(const struct ifinfomsg *info)
{
	return info->ifi_flags || info->ifi_change || find_place(LINK_ATTRIBUTES, IFLA_MTU) ||
	       find_place(LINK_ATTRIBUTES, IFLA_ADDRESS) || find_place(LINK_ATTRIBUTES, IFLA_TXQLEN);
}

static __always_inline void begin_link(struct system_call *call)
{
	struct ifinfomsg info;
	bool is_new = call->request.header.nlmsg_type == RTM_NEWLINK;
	__u16 flags = call->request.header.nlmsg_flags;

	__builtin_memcpy(&info, call->request.bytes + NLMSG_HDRLEN, sizeof(info));
	if (leaves_namespace()) {
		if (sets_something(&info))
			count_lost_update(COLLECTOR_LINK);
		return;
	}
	if (call->dev && is_new && flags & (NLM_F_EXCL | NLM_F_REPLACE))
		return; /* refused: the device exists */
	if (call->dev) {
		/* Inner calls end first (inflight.bpf.h), so we begin in reverse order of
		 * link_settings_leave(). */
		begin_attribute(LINK_TX_QUEUE_LEN, find_place(LINK_ATTRIBUTES, IFLA_TXQLEN));
		begin_flags(call, &info);
		if (info.ifi_index > 0)
			begin_attribute(LINK_NAME, find_place(LINK_ATTRIBUTES, IFLA_IFNAME));
		begin_attribute(LINK_MTU, find_place(LINK_ATTRIBUTES, IFLA_MTU));
		begin_attribute(LINK_ADDRESS, find_place(LINK_ATTRIBUTES, IFLA_ADDRESS));
	} else if (is_new && flags & NLM_F_CREATE) {
		begin_flags(call, &info);
	} else if (info.ifi_index <= 0 && find_place(LINK_ATTRIBUTES, IFLA_GROUP)) {
		count_lost_update(COLLECTOR_LINK); /* a request for all devices of a group */
	}
}

static __always_inline void begin_qdisc(struct system_call *system_call)
{
	struct link_call *call;
	struct tcmsg request;
	struct place place;

	__builtin_memcpy(&request, system_call->request.bytes + NLMSG_HDRLEN, sizeof(request));
	if (!system_call->dev && request.tcm_parent != TC_H_ROOT)
		return;
	call = link_write_begin(LINK_QDISC, system_call->dev);
	if (!call)
		return;
	if (system_call->dev && !find_qdisc(call, &request, system_call->dev)) {
		link_call_end(LINK_QDISC);
		return;
	}
	system_call->collectors |= COLLECTOR_BIT(COLLECTOR_LINK);
	if (system_call->dev)
		read_before(LINK_QDISC, call, system_call->dev);
	else
		read_netns(&call->write.key.device, namespace_of(system_call->send.socket));
	place = place_of(find_place(TC_ATTRIBUTES, TCA_KIND));
	set_name(&call->write.written, payload_of(system_call, place), place.length);
}

/* The request is the one that rtnetlink_receive() read. */
__noinline int link_request_enter(int type)
{
	struct system_call *call = system_call_find();

	if (!is_traced(COLLECTOR_LINK) || !call)
		return 0;
	if (is_link_request(type))
		begin_link(call);
	else
		begin_qdisc(call);
	if (has_next(&call->request))
		count_lost_update(COLLECTOR_LINK); /* requests after the first are not read */
	return 0;
}

/* --- the answer --------------------------------------------------------------------------------------- */

/* Finds the device that the request created; false if there is none. Computes its old flags. */
static __always_inline bool find_made(struct system_call *system_call, struct link_call *call)
{
	struct config_write *write = &call->write;
	struct net_device *dev;

	__builtin_memset(&system_call->name, 0, sizeof(system_call->name));
	__builtin_memcpy(system_call->name.text, write->key.device.name, IFNAME_SIZE);
	dev = find_device_by_name(namespace_of(system_call->send.socket), &system_call->name);
	if (!dev) {
		/* The kernel chose its name, or it is in another namespace. */
		count_lost_update(COLLECTOR_LINK);
		return false;
	}
	call->dev = dev;
	set_integer(&write->old_value, BPF_CORE_READ(dev, flags) & ~system_call->flags_set);
	return true;
}

/* The result of one setting of a request with this answer: 0 for a setting that was applied before another
 * failed. */
static __always_inline int result_of_setting(enum link_setting setting, struct link_call *call, int answer)
{
	if (answer >= 0 || setting == LINK_QDISC)
		return answer;
	read_setting(setting, &call->write.new_value, call);
	return values_differ(&call->write.new_value, &call->write.written) ? answer : 0;
}

#endif
