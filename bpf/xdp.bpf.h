/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* XDP changes: maps and counting (xdp.bpf.c, syscall/xdp.bpf.h). */
#ifndef NETCHANGE_XDP_BPF_H
#define NETCHANGE_XDP_BPF_H

#include <linux/if_link.h>
#include <linux/netlink.h>

#include "bpf/abi/xdp.h"
#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/count.bpf.h"
#include "bpf/lib/device.bpf.h"
#include "bpf/lib/event.bpf.h"
#include "bpf/lib/filter.bpf.h"
#include "bpf/lib/inflight.bpf.h"
#include "bpf/lib/kernel_types.h"

/* The kernel's enum bpf_xdp_mode, an index of net_device.xdp_state; unchanged since 5.9. */
enum kernel_xdp_mode {
	KERNEL_XDP_MODE_SKB = 0,
	KERNEL_XDP_MODE_DRV = 1,
	KERNEL_XDP_MODE_HW = 2,
};

/* Kinds of calls for inflight.bpf.h. */
enum xdp_call_kind {
	XDP_REQUEST = 1,
	XDP_CHANGE = 2,
};

struct xdp_change {
	struct device_ref device;
	struct xdp_program before;
	struct xdp_program after;
	__u32 mode;          /* enum kernel_xdp_mode */
	bool device_deleted; /* the program leaves with its device */
	bool unprivileged;   /* the device's namespace belongs to a user namespace */
};

struct xdp_call {
	struct call_head head;
	__u64 start_ns;
	__u64 device;       /* struct net_device *, for comparison only */
	__u64 cgroup;       /* as read_actor() returns it */
	struct xdp_key key; /* the map's key needs memory, and the stack is too small */
	struct xdp_change change;
	struct xdp_port port;
	char message[XDP_MESSAGE_SIZE];
	__u32 attached;  /* id of the program in net_device.xdp_state at the entry */
	__u16 nested;    /* functions for this same change that run within it */
	__u8 changed;    /* for a request: a change has run and was counted */
	__u8 from_upper; /* of a change: passed on by the upper device, which the kernel does not record */
};

COUNT_MAP(xdp_changes, struct xdp_key, struct counter);
INFLIGHT_MAP(xdp_calls, struct xdp_call);

static const struct counter kNoChanges;

__noinline int xdp_call_push(__u64 kind, __u64 dev)
{
	if (!is_traced(COLLECTOR_XDP))
		return NO_CALL;
	return inflight_push(COLLECTOR_XDP, &xdp_calls, &xdp_calls_zero, MAX_STACKED_DEVICES, kind, dev);
}

__noinline int xdp_call_depth(__u64 kind)
{
	return is_traced(COLLECTOR_XDP) ? inflight_depth(&xdp_calls, MAX_STACKED_DEVICES, kind) : NO_CALL;
}

__noinline int xdp_call_pop(int depth)
{
	if (is_traced(COLLECTOR_XDP))
		inflight_pop(COLLECTOR_XDP, &xdp_calls, MAX_STACKED_DEVICES, depth);
	return 0;
}

static __always_inline struct xdp_call *xdp_call_begin(enum xdp_call_kind kind, const void *dev)
{
	return inflight_at(&xdp_calls, xdp_call_push(kind, number_of(dev)));
}

static __always_inline struct xdp_call *xdp_call_find(enum xdp_call_kind kind)
{
	return inflight_at(&xdp_calls, xdp_call_depth(kind));
}

static __always_inline void xdp_call_end(enum xdp_call_kind kind)
{
	xdp_call_pop(xdp_call_depth(kind));
}

static __always_inline __u32 id_of(struct bpf_prog *program)
{
	return program ? BPF_CORE_READ(program, aux, id) : 0;
}

static __always_inline void read_program(struct xdp_program *to, struct bpf_prog *from)
{
	__builtin_memset(to, 0, sizeof(*to));
	if (!from)
		return;
	to->id = id_of(from);
	bpf_probe_read_kernel_str(to->name, sizeof(to->name), BPF_CORE_READ(from, aux)->name);
	bpf_probe_read_kernel(to->tag, sizeof(to->tag), from->tag);
}

/* The program that is attached now, directly or by a link. */
static __always_inline struct bpf_prog *attached_program(struct net_device *dev, __u32 mode)
{
	struct bpf_xdp_entity entity = {};

	if (mode > KERNEL_XDP_MODE_HW)
		return NULL;
	bpf_probe_read_kernel(&entity, sizeof(entity), &dev->xdp_state[mode]);
	return entity.link ? BPF_CORE_READ(entity.link, link.prog) : entity.prog;
}

static __always_inline enum xdp_operation operation_of(const struct xdp_change *change)
{
	if (!change->after.id)
		return change->device_deleted ? XDP_OPERATION_DEVICE_DELETED : XDP_OPERATION_DETACH;
	return change->before.id ? XDP_OPERATION_REPLACE : XDP_OPERATION_ATTACH;
}

/* Folds the key if it does not fit. NULL if the map is full. */
static __always_inline struct counter *changes_of(struct xdp_key *key)
{
	struct count_map_of events = {&xdp_changes, COLLECTOR_XDP, COUNT_MAP_EVENTS, key->actor.unprivileged};
	struct counter *counter = count_value(&events, key, &kNoChanges, FOLD_NOTHING);

	if (counter)
		return counter;
	fold_actor(&key->actor);
	counter = count_value(&events, key, &kNoChanges, FOLD_ACTOR);
	if (counter)
		return counter;
	fold_device(&key->device);
	__builtin_memset(key->program, 0, sizeof(key->program));
	__builtin_memcpy(key->program, OTHER, sizeof(OTHER));
	return count_value(&events, key, &kNoChanges, FOLD_DEVICE);
}

static __always_inline void emit_xdp_change(const struct xdp_call *call, int result, __u64 now_ns)
{
	const struct xdp_change *change = &call->change;
	struct event *event = emit_begin(COLLECTOR_XDP, &change->device, &call->key.actor, call->cgroup,
					 result, call->start_ns, now_ns);

	if (!event)
		return;
	event->xdp.before = change->before;
	event->xdp.after = change->after;
	event->xdp.operation = call->key.operation;
	event->xdp.mode = call->key.mode;
	__builtin_memcpy(event->xdp.message, call->message, sizeof(event->xdp.message));
	emit_end(event);
}

static __always_inline void record_xdp_change(struct xdp_call *call, int result)
{
	const struct xdp_change *change = &call->change;
	__u64 now = bpf_ktime_get_boot_ns();
	struct xdp_key *key = &call->key;
	struct counter *counter;

	if (!wants_device(COLLECTOR_XDP, &change->device))
		return;
	__builtin_memset(key, 0, sizeof(*key));
	key->device = change->device;
	key->operation = operation_of(change);
	key->mode = XDP_MODE_ID_GENERIC + change->mode;
	key->error = error_of(result);
	__builtin_memcpy(key->program, change->after.id ? change->after.name : change->before.name,
			 sizeof(key->program));
	call->cgroup = read_actor(&key->actor);
	emit_xdp_change(call, result, now); /* before its key is folded */
	if (change->unprivileged)
		key->actor.unprivileged = 1;
	keep_labels(&key->actor);
	counter = changes_of(key);
	if (counter)
		counter_add(counter, now);
	else
		count_lost_update(COLLECTOR_XDP);
}

static __always_inline void read_xdp_call(struct xdp_call *call, struct net_device *dev, __u32 mode,
					  struct bpf_prog *before, struct bpf_prog *after)
{
	call->start_ns = bpf_ktime_get_boot_ns();
	call->device = (__u64)dev;
	call->attached = id_of(before);
	call->change.mode = mode;
	call->change.device_deleted = is_being_deleted(dev);
	call->change.unprivileged = is_unprivileged_netns(BPF_CORE_READ(dev, nd_net.net));
	read_device(&call->change.device, dev);
	read_program(&call->change.before, before);
	read_program(&call->change.after, after);
}

/* As the kernel's dev_xdp_mode() selects it. */
static __always_inline __u32 mode_of(struct net_device *dev, __u32 flags)
{
	if (flags & XDP_FLAGS_HW_MODE)
		return KERNEL_XDP_MODE_HW;
	if (flags & XDP_FLAGS_DRV_MODE)
		return KERNEL_XDP_MODE_DRV;
	if (flags & XDP_FLAGS_SKB_MODE)
		return KERNEL_XDP_MODE_SKB;
	return BPF_CORE_READ(dev, netdev_ops, ndo_bpf) ? KERNEL_XDP_MODE_DRV : KERNEL_XDP_MODE_SKB;
}

#endif
