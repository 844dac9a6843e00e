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
	struct net_device *dev; /* NULL: not found yet, or no such device */
	const void *message;    /* address of the qdisc request */
};

CONFIG_MAPS(link);
INFLIGHT_MAP(link_calls, struct link_call);

static __always_inline struct link_call *link_call_begin(enum link_setting setting, const void *object)
{
	return inflight_begin(COLLECTOR_LINK, &link_calls, &link_calls_zero, MAX_STACKED_DEVICES, setting,
			      (__u64)object);
}

static __always_inline struct link_call *link_call_find(enum link_setting setting)
{
	return inflight_find(&link_calls, MAX_STACKED_DEVICES, setting);
}

static __always_inline void link_call_end(enum link_setting setting)
{
	inflight_end(COLLECTOR_LINK, &link_calls, MAX_STACKED_DEVICES, setting);
}

static __always_inline void record_link_write(struct link_call *call, int result)
{
	record_config_write(COLLECTOR_LINK, &link_writes, &link_values, &call->write, result);
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

/* The device's current value. */
static __always_inline void read_setting(enum link_setting setting, struct setting_value *value,
					 struct net_device *dev)
{
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
		set_name(value, BPF_CORE_READ(dev, qdisc, ops)->id, IFNAME_SIZE);
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
	read_setting(setting, &call->write.old_value, dev);
}

/* The requested value matters only if the write was refused; otherwise the kernel's own value is better. */
static __always_inline void link_leave(enum link_setting setting, int result)
{
	struct link_call *call = link_call_find(setting);
	struct config_write *write;

	if (!call)
		return;
	write = &call->write;
	if (wants_write(COLLECTOR_LINK, &write->key)) {
		/* A refused qdisc request changed nothing, and its device may be gone. */
		if (call->dev && (setting != LINK_QDISC || result >= 0))
			read_setting(setting, &write->new_value, call->dev);
		if (result >= 0)
			write->written.type = VALUE_UNKNOWN;
		record_link_write(call, result);
	}
	link_call_end(setting);
}

/* A request names the root as such, or by its handle. */
static __always_inline bool concerns_root(const struct tcmsg *request, struct net_device *dev)
{
	return request->tcm_parent == TC_H_ROOT ||
	       (request->tcm_handle && request->tcm_handle == BPF_CORE_READ(dev, qdisc, handle));
}

#endif
