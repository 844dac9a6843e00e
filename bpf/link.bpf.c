/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Settings of links: MTU, flags, address, transmit queue length, name, and queueing discipline, of the root
 * or of a transmit queue below mq. For each setting, netlink, ioctl and sysfs share one innermost kernel
 * function; from 6.15 on its name begins with netif_, and the older function wraps it. What the kernel
 * therefore sets on other devices (ports of a bond, VLANs of a device) counts as a write by the same process
 * to each of them.
 */
#include "bpf/link.bpf.h"

#include <linux/socket.h>

#include "bpf/lib/hook.bpf.h"

#define TC_ATTRIBUTES 8 /* searched in a request: tc(8) sends the kind first */

/* A call with the device and its old value; NULL if it is lost. */
static __always_inline struct config_write *link_enter(enum link_setting setting, struct net_device *dev)
{
	struct link_call *call = link_write_begin(setting, dev);

	if (!call)
		return NULL;
	read_before(setting, call, dev);
	return &call->write;
}

HOOK_ENTER(netif_set_mtu_ext, struct net_device *dev, int mtu)
{
	struct config_write *write = link_enter(LINK_MTU, dev);

	if (write)
		set_integer(&write->written, mtu);
}

HOOK_EXIT(netif_set_mtu_ext, 3, int result)
{
	link_leave(LINK_MTU, result);
}

HOOK_ENTER(__dev_change_flags, struct net_device *dev, __u32 flags)
{
	struct config_write *write = link_enter(LINK_FLAGS, dev);

	if (write)
		set_integer(&write->written, flags);
}

HOOK_EXIT(__dev_change_flags, 3, int result)
{
	link_leave(LINK_FLAGS, result);
}

/* struct sockaddr or struct __kernel_sockaddr_storage: both begin the same way. */
HOOK_ENTER(netif_set_mac_address, struct net_device *dev, const struct __kernel_sockaddr_storage *address)
{
	struct config_write *write = link_enter(LINK_ADDRESS, dev);

	if (write)
		set_address(&write->written, dev, address->__data);
}

HOOK_EXIT(netif_set_mac_address, 3, int result)
{
	link_leave(LINK_ADDRESS, result);
}

/* --- addresses that the kernel takes from another device -------------------------------------------------
 */

/* True while netif_set_mac_address() is in flight for the device. */
__noinline int sets_address(__u64 dev)
{
	struct call_head *head;

	_Pragma("unroll") for (int depth = 0; depth < MAX_STACKED_DEVICES; depth++)
	{
		head = inflight_at(&link_calls, depth);
		if (!head)
			break;
		if (head->function == LINK_ADDRESS && head->object == dev)
			return 1;
	}
	return 0;
}

/* False while the device is being made or deleted: then no list has it. */
static __always_inline bool is_listed(struct net_device *dev)
{
	struct hlist_node **place = BPF_CORE_READ(dev, index_hlist.pprev), *node = NULL;

	return bpf_probe_read_kernel(&node, sizeof(node), place) == 0 &&
	       (void *)node == (void *)dev + bpf_core_field_offset(struct net_device, index_hlist);
}

/* A write of a new address that is sure to succeed. `is_set`: the device has it already. */
static __always_inline void record_taken_address(struct net_device *dev, const void *address, bool is_set)
{
	struct link_call *call;

	if (sets_address(number_of(dev)) || !is_listed(dev))
		return;
	call = link_write_begin(LINK_ADDRESS, dev);
	if (!call)
		return;
	read_before(LINK_ADDRESS, call, dev);
	if (is_set) /* the old address is not known any more, but it was another */
		call->write.old_value.type = VALUE_OPAQUE;
	set_address(&call->write.new_value, dev, address);
	if (wants_write(COLLECTOR_LINK, &call->write.key))
		record_link_write(link_call_depth(LINK_ADDRESS), 0);
	link_call_end(LINK_ADDRESS);
}

/*
 * A bridge or bond takes the address of a port, a VLAN that of its device. All addresses are stored by
 * dev_addr_mod(dev, offset, address); a write of the device's own setter is counted there. Not HOOK_ENTER,
 * because older verifiers refuse to load an argument of the type const void *.
 */
SEC("fentry/dev_addr_mod")
int dev_addr_mod_fentry(unsigned long long *ctx)
{
	__u64 address = 0;

	if (!(__u32)ctx[1] && !bpf_get_func_arg(ctx, 2, &address))
		record_taken_address((struct net_device *)ctx[0], (const void *)address, false);
	return 0;
}

SEC("kprobe/dev_addr_mod")
int dev_addr_mod_kprobe(struct pt_regs *ctx)
{
	if (!(__u32)PT_REGS_PARM2(ctx))
		record_taken_address((struct net_device *)PT_REGS_PARM1(ctx),
				     (const void *)PT_REGS_PARM3(ctx), false);
	return 0;
}

/* Before 5.17, where addresses are stored without a function (d07b26f5bbea). Goes with 5.10. */
HOOK_ENTER(call_netdevice_notifiers, __u64 event, struct net_device *dev)
{
	if (event == bpf_core_enum_value(enum netdev_cmd, NETDEV_CHANGEADDR))
		record_taken_address(dev, BPF_CORE_READ(dev, dev_addr), true);
}

HOOK_ENTER(netif_change_tx_queue_len, struct net_device *dev, unsigned long length)
{
	struct config_write *write = link_enter(LINK_TX_QUEUE_LEN, dev);

	if (write)
		set_integer(&write->written, length);
}

HOOK_EXIT(netif_change_tx_queue_len, 2, int result)
{
	link_leave(LINK_TX_QUEUE_LEN, result);
}

HOOK_ENTER(netif_change_name, struct net_device *dev, const char *name)
{
	struct config_write *write = link_enter(LINK_NAME, dev);

	if (write)
		set_name(&write->written, name, IFNAME_SIZE);
}

HOOK_EXIT(netif_change_name, 2, int result)
{
	link_leave(LINK_NAME, result);
}

/* --- queueing disciplines ------------------------------------------------------------------------------- */

static __always_inline void read_tc_request(struct tcmsg *request, const void *message)
{
	bpf_probe_read_kernel(request, sizeof(*request), message + NLMSG_HDRLEN);
}

/* Empty if the request does not name a kind, as for a deletion. */
static __always_inline void read_kind(struct setting_value *value, const void *message, __u32 size)
{
	__u32 at = NLMSG_SPACE(sizeof(struct tcmsg));
	struct rtattr attribute;

	set_name(value, message, 0);
	for (int i = 0; i < TC_ATTRIBUTES && at + sizeof(attribute) <= size; i++) {
		if (bpf_probe_read_kernel(&attribute, sizeof(attribute), message + at) ||
		    attribute.rta_len < sizeof(attribute) || attribute.rta_len > size - at)
			return;
		if (attribute.rta_type == TCA_KIND) {
			set_name(value, message + at + sizeof(attribute),
				 attribute.rta_len - sizeof(attribute));
			return;
		}
		at += RTA_ALIGN(attribute.rta_len);
	}
}

static __always_inline void qdisc_enter(struct sk_buff *skb, const void *message)
{
	struct nlmsghdr header = {};
	struct link_call *call;

	bpf_probe_read_kernel(&header, sizeof(header), message);
	if (header.nlmsg_type == RTM_GETQDISC || header.nlmsg_len < NLMSG_LENGTH(sizeof(struct tcmsg)))
		return;
	call = link_write_begin(LINK_QDISC, NULL);
	if (!call)
		return;
	read_netns(&call->write.key.device, BPF_CORE_READ(skb, sk, __sk_common.skc_net.net));
	read_kind(&call->write.written, message, header.nlmsg_len);
	call->message = message;
}

/*
 * The device of a qdisc request, before the change. After waiting for a module, the kernel looks the device
 * up again.
 */
HOOK_EXIT(__dev_get_by_index, 2, struct net_device *dev)
{
	struct link_call *call = link_call_find(LINK_QDISC);
	struct tcmsg request = {};

	if (!call || !dev)
		return;
	read_tc_request(&request, call->message);
	if (BPF_CORE_READ(dev, ifindex) == request.tcm_ifindex && find_qdisc(call, &request, dev))
		read_before(LINK_QDISC, call, dev);
}

static __always_inline void qdisc_leave(int result)
{
	struct link_call *call = link_call_find(LINK_QDISC);
	struct tcmsg request = {};

	if (!call)
		return;
	read_tc_request(&request, call->message);
	if (call->dev || request.tcm_parent == TC_H_ROOT)
		link_leave(LINK_QDISC, result);
	else
		link_call_end(LINK_QDISC);
}

HOOK_ENTER(tc_modify_qdisc, struct sk_buff *skb, const void *message)
{
	qdisc_enter(skb, message);
}

HOOK_EXIT(tc_modify_qdisc, 3, int result)
{
	qdisc_leave(result);
}

/* This function also deletes. */
HOOK_ENTER(tc_get_qdisc, struct sk_buff *skb, const void *message)
{
	qdisc_enter(skb, message);
}

HOOK_EXIT(tc_get_qdisc, 3, int result)
{
	qdisc_leave(result);
}
