/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Settings of links: values, maps and counting (link.bpf.c, syscall/link.bpf.h). */
#ifndef NETCHANGE_LINK_BPF_H
#define NETCHANGE_LINK_BPF_H

#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/config_write.bpf.h"
#include "bpf/lib/device.bpf.h"
#include "bpf/lib/inflight.bpf.h"
#include "bpf/lib/kernel_types.h"

#define ADDRESS_SIZE 32 /* MAX_ADDR_LEN of linux/netdevice.h, which cannot be included here */

enum link_setting {
	LINK_MTU,
	LINK_FLAGS,
	LINK_ADDRESS,
	LINK_TX_QUEUE_LEN,
	LINK_NAME,
	LINK_QDISC,
};

static const char kSettings[][SETTING_SIZE] = {
	[LINK_MTU] = "mtu",         [LINK_FLAGS] = "flags",
	[LINK_ADDRESS] = "address", [LINK_TX_QUEUE_LEN] = "txqueuelen",
	[LINK_NAME] = "name",       [LINK_QDISC] = "qdisc",
};

struct link_call {
	struct call_head head;
	struct config_write write;
	struct net_device *dev;     /* NULL: not found yet, or no such device */
	struct netdev_queue *queue; /* of a qdisc below mq; NULL: the root */
	const void *message;        /* address of the qdisc request */
};

CONFIG_MAPS(link);
INFLIGHT_MAP(link_calls, struct link_call);
CONFIG_STEPS(link, COLLECTOR_LINK, struct link_call)

__noinline int link_call_push(__u64 setting, __u64 object)
{
	if (!is_traced(COLLECTOR_LINK))
		return NO_CALL;
	return inflight_push(COLLECTOR_LINK, &link_calls, &link_calls_zero, MAX_STACKED_DEVICES, setting,
			     object);
}

__noinline int link_call_depth(__u64 setting)
{
	return is_traced(COLLECTOR_LINK) ? inflight_depth(&link_calls, MAX_STACKED_DEVICES, setting)
					 : NO_CALL;
}

__noinline int link_call_pop(int depth)
{
	if (is_traced(COLLECTOR_LINK))
		inflight_pop(COLLECTOR_LINK, &link_calls, MAX_STACKED_DEVICES, depth);
	return 0;
}

static __always_inline struct link_call *link_call_begin(enum link_setting setting, const void *object)
{
	return inflight_at(&link_calls, link_call_push(setting, number_of(object)));
}

static __always_inline struct link_call *link_call_find(enum link_setting setting)
{
	return inflight_at(&link_calls, link_call_depth(setting));
}

static __always_inline void link_call_end(enum link_setting setting)
{
	link_call_pop(link_call_depth(setting));
}

static __always_inline void set_address(struct setting_value *value, struct net_device *dev, const void *from)
{
	__u64 address[SETTING_VALUE_WORDS];
	__u32 size = BPF_CORE_READ(dev, addr_len);

	if (size <= ADDRESS_SIZE && read_chunk(address, size, from, KERNEL_MEMORY))
		set_chunk(value, VALUE_ADDRESS, address, size);
}

/* Stores the name of a device or qdisc: up to its NUL, at most `size` bytes. */
static __always_inline void set_name(struct setting_value *value, const void *from, __u32 size)
{
	__u64 name[SETTING_VALUE_WORDS] = {};
	__u64 most = size < IFNAME_SIZE ? size + 1 : IFNAME_SIZE;
	long length;

	barrier_var(most);
	if (most > IFNAME_SIZE)
		return;
	length = bpf_probe_read_kernel_str(name, most, from);
	if (length > 0)
		set_chunk(value, VALUE_TEXT, name, length - 1);
}

static __always_inline void read_qdisc(struct setting_value *value, const struct link_call *call)
{
	struct netdev_queue *queue = call->queue; /* CO-RE cannot begin in a structure of our own */
	struct net_device *dev = call->dev;
	struct Qdisc *qdisc = queue ? BPF_CORE_READ(queue, qdisc_sleeping) : BPF_CORE_READ(dev, qdisc);

	set_name(value, BPF_CORE_READ(qdisc, ops)->id, IFNAME_SIZE);
}

/* The current value of the call's device. */
static __always_inline void read_setting(enum link_setting setting, struct setting_value *value,
					 const struct link_call *call)
{
	struct net_device *dev = call->dev;

	switch (setting) {
	case LINK_MTU:
		set_integer(value, BPF_CORE_READ(dev, mtu));
		break;
	case LINK_FLAGS:
		set_integer(value, BPF_CORE_READ(dev, flags));
		break;
	case LINK_ADDRESS:
		set_address(value, dev, BPF_CORE_READ(dev, dev_addr));
		break;
	case LINK_TX_QUEUE_LEN:
		set_integer(value, BPF_CORE_READ(dev, tx_queue_len));
		break;
	case LINK_NAME:
		set_name(value, dev->name, IFNAME_SIZE);
		break;
	case LINK_QDISC:
		read_qdisc(value, call);
		break;
	}
}

static __always_inline struct link_call *link_write_begin(enum link_setting setting, const void *object)
{
	struct link_call *call = link_call_begin(setting, object);
	struct config_write *write;

	if (!call)
		return NULL;
	write = &call->write;
	write->start_ns = bpf_ktime_get_boot_ns();
	write->key.kind = CONFIG_KIND_LINK;
	/* Copied by a helper: clang 14 drops stores before a copy of a constant of this size. */
	bpf_probe_read_kernel(write->key.setting, SETTING_SIZE, kSettings[setting]);
	write->no_value = setting == LINK_NAME; /* a name such as "10" is not a number */
	return call;
}

/* The key has the device's current name: a rename is a write to the old name. */
static __always_inline void read_before(enum link_setting setting, struct link_call *call,
					struct net_device *dev)
{
	call->dev = dev;
	read_device(&call->write.key.device, dev);
	read_setting(setting, &call->write.old_value, call);
}

/* The requested value matters only if the write was refused; otherwise the kernel's own value is better. */
static __always_inline void link_leave(enum link_setting setting, int result)
{
	int depth = link_call_depth(setting);
	struct link_call *call = inflight_at(&link_calls, depth);
	struct config_write *write;

	if (!call)
		return;
	write = &call->write;
	if (wants_write(COLLECTOR_LINK, &write->key)) {
		/* A refused qdisc request changed nothing, and its device may be gone. */
		if (call->dev && (setting != LINK_QDISC || result >= 0))
			read_setting(setting, &write->new_value, call);
		if (result >= 0)
			write->written.type = VALUE_UNKNOWN;
		record_link_write(depth, result);
	}
	link_call_pop(depth);
}

/* --- the qdisc that a request is for ------------------------------------------------------------------- */

/* Queues searched for a handle: 256. */
#define QUEUE_SEARCHES 16
#define STEP_QUEUES    16

/* A request names the root as such, or by its handle. */
static __always_inline bool concerns_root(const struct tcmsg *request, struct net_device *dev)
{
	return request->tcm_parent == TC_H_ROOT ||
	       (request->tcm_handle && request->tcm_handle == BPF_CORE_READ(dev, qdisc, handle));
}

/* NULL if the device has no such transmit queue. */
static __always_inline struct netdev_queue *transmit_queue(struct net_device *dev, __u64 index)
{
	if (index >= BPF_CORE_READ(dev, num_tx_queues))
		return NULL;
	return (void *)BPF_CORE_READ(dev, _tx) + index * bpf_core_type_size(struct netdev_queue);
}

/* The queue whose qdisc has this handle, from `first` on: one of some queues, -1 if none of them. A global
 * function, so that the verifier checks it once, not once for each step. */
__noinline int queue_with_handle(__u64 address, __u32 handle, __u32 first)
{
	struct net_device *dev = (struct net_device *)address;
	struct netdev_queue *queue;

	for (__u32 i = 0; i < STEP_QUEUES; i++) {
		queue = transmit_queue(dev, first + i);
		if (queue && BPF_CORE_READ(queue, qdisc_sleeping, handle) == handle)
			return first + i;
	}
	return -1;
}

static __always_inline int find_queue(struct net_device *dev, __u32 handle)
{
	int index = -1;

	for (__u32 step = 0; step < QUEUE_SEARCHES && index < 0; step++)
		index = queue_with_handle(number_of(dev), handle, step * STEP_QUEUES);
	return index;
}

/* True for mq and mqprio: each of their classes is a transmit queue, from the first on. */
static __always_inline bool has_queues(struct Qdisc *root)
{
	char kind[2] = {};

	bpf_probe_read_kernel(kind, sizeof(kind), BPF_CORE_READ(root, ops)->id);
	return kind[0] == 'm' && kind[1] == 'q';
}

/* Finds what the request is for; false if it is neither the root nor the qdisc of a queue. A request names a
 * queue by its class, or its qdisc by the handle. */
static __always_inline bool find_qdisc(struct link_call *call, const struct tcmsg *request,
				       struct net_device *dev)
{
	struct Qdisc *root = BPF_CORE_READ(dev, qdisc);
	__u32 parent = request->tcm_parent;
	struct netdev_queue *queue;
	int index = -1;

	if (concerns_root(request, dev))
		return true;
	if (!has_queues(root))
		return false;
	if (parent && TC_H_MAJ(parent) == BPF_CORE_READ(root, handle))
		index = TC_H_MIN(parent) - 1;
	else if (!parent && request->tcm_handle)
		index = find_queue(dev, request->tcm_handle);
	queue = index < 0 ? NULL : transmit_queue(dev, index);
	if (!queue)
		return false;
	call->queue = queue;
	bpf_probe_read_kernel_str(call->write.key.object, OBJECT_SIZE, BPF_CORE_READ(queue, kobj.name));
	return true;
}

#endif
