/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Settings of links: MTU, flags, address, length of the transmit queue, name, and the root queueing
 * discipline. Netlink, ioctl and sysfs meet in one function of the kernel for each setting, which is the
 * innermost: from 6.15 on it is a netif_ one, which the older one wraps. What the kernel sets on other
 * devices because of it (a bond's ports, the VLANs of a device) is a write of the same process to each.
 */
#include "bpf/link.bpf.h"

#include <linux/socket.h>

#include "bpf/lib/hook.bpf.h"

#define TC_ATTRIBUTES 8 /* of a request, that are looked at: tc(8) sends the kind first */

static __always_inline struct config_write *link_enter(enum link_setting setting, const __u64 *arguments)
{
	struct net_device *dev = (struct net_device *)arguments[0];
	struct link_call *call = link_write_begin(setting, dev);

	if (!call)
		return NULL;
	read_before(setting, call, dev);
	return &call->write;
}

/* --- int netif_set_mtu_ext(dev, int new_mtu, extack) ---------------------------------------------------- */

static __always_inline void mtu_enter(const __u64 *arguments)
{
	struct config_write *write = link_enter(LINK_MTU, arguments);

	if (write)
		set_integer(&write->written, (int)arguments[1]);
}

static __always_inline void mtu_leave(int result)
{
	link_leave(LINK_MTU, result);
}

HOOK(netif_set_mtu_ext, 3, mtu_enter, mtu_leave)
HOOK(dev_set_mtu_ext, 3, mtu_enter, mtu_leave)

/* --- int __dev_change_flags(dev, unsigned int flags, extack) -------------------------------------------- */

static __always_inline void flags_enter(const __u64 *arguments)
{
	struct config_write *write = link_enter(LINK_FLAGS, arguments);

	if (write)
		set_integer(&write->written, (__u32)arguments[1]);
}

static __always_inline void flags_leave(int result)
{
	link_leave(LINK_FLAGS, result);
}

HOOK(__dev_change_flags, 3, flags_enter, flags_leave)

/* --- int netif_set_mac_address(dev, sockaddr or __kernel_sockaddr_storage, extack) ---------------------- */

/* Both structures begin in the same way. */
static __always_inline void address_enter(const __u64 *arguments)
{
	struct config_write *write = link_enter(LINK_ADDRESS, arguments);
	const struct __kernel_sockaddr_storage *address = (const void *)arguments[1];

	if (write)
		set_address(&write->written, (struct net_device *)arguments[0], address->__data);
}

static __always_inline void address_leave(int result)
{
	link_leave(LINK_ADDRESS, result);
}

HOOK(netif_set_mac_address, 3, address_enter, address_leave)
HOOK(dev_set_mac_address, 3, address_enter, address_leave)

/* --- int netif_change_tx_queue_len(dev, unsigned long new_len) ------------------------------------------ */

static __always_inline void tx_queue_len_enter(const __u64 *arguments)
{
	struct config_write *write = link_enter(LINK_TX_QUEUE_LEN, arguments);

	if (write)
		set_integer(&write->written, arguments[1]);
}

static __always_inline void tx_queue_len_leave(int result)
{
	link_leave(LINK_TX_QUEUE_LEN, result);
}

HOOK(netif_change_tx_queue_len, 2, tx_queue_len_enter, tx_queue_len_leave)
HOOK(dev_change_tx_queue_len, 2, tx_queue_len_enter, tx_queue_len_leave)

/* --- int netif_change_name(dev, const char *newname) ---------------------------------------------------- */

static __always_inline void name_enter(const __u64 *arguments)
{
	struct config_write *write = link_enter(LINK_NAME, arguments);

	if (write)
		set_name(&write->written, (const void *)arguments[1], IFNAME_SIZE);
}

static __always_inline void name_leave(int result)
{
	link_leave(LINK_NAME, result);
}

HOOK(netif_change_name, 2, name_enter, name_leave)
HOOK(dev_change_name, 2, name_enter, name_leave)

/* --- int tc_modify_qdisc(skb, nlmsghdr, extack), and tc_get_qdisc(), which also deletes ----------------- */

static __always_inline void read_tc_request(struct tcmsg *request, const void *message)
{
	bpf_probe_read_kernel(request, sizeof(*request), message + NLMSG_HDRLEN);
}

/* Empty where the request names none, as that of a deletion. */
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

static __always_inline void qdisc_enter(const __u64 *arguments)
{
	struct sk_buff *skb = (struct sk_buff *)arguments[0];
	const void *message = (const void *)arguments[1];
	struct nlmsghdr header = {};
	struct tcmsg request = {};
	struct link_call *call;

	bpf_probe_read_kernel(&header, sizeof(header), message);
	if (header.nlmsg_type == RTM_GETQDISC || header.nlmsg_len < NLMSG_LENGTH(sizeof(request)))
		return;
	read_tc_request(&request, message);
	if (request.tcm_parent && request.tcm_parent != TC_H_ROOT)
		return;
	call = link_write_begin(LINK_QDISC, NULL);
	if (!call)
		return;
	read_netns(&call->write.key.device, BPF_CORE_READ(skb, sk, __sk_common.skc_net.net));
	read_kind(&call->write.written, message, header.nlmsg_len);
	call->message = message;
}

/*
 * struct net_device *__dev_get_by_index(net, ifindex), within such a request: the device before the change.
 * Where the request has waited for a module, the kernel looks the device up again.
 */
static __always_inline void device_found(__u64 result)
{
	struct net_device *dev = (struct net_device *)result;
	struct link_call *call = link_call_find(LINK_QDISC);
	struct tcmsg request = {};

	if (!call || !dev)
		return;
	read_tc_request(&request, call->message);
	if (BPF_CORE_READ(dev, ifindex) == request.tcm_ifindex && concerns_root(&request, dev))
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

HOOK(tc_modify_qdisc, 3, qdisc_enter, qdisc_leave)
HOOK(tc_get_qdisc, 3, qdisc_enter, qdisc_leave)
HOOK_EXIT(__dev_get_by_index, __dev_get_by_index, 2, device_found)

#include "bpf/syscall/link.bpf.h"

char LICENSE[] SEC("license") = "GPL";
