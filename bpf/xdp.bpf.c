/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * XDP programs that are attached, replaced and detached. dev_xdp_install() sees every change that reaches a
 * driver, on whatever way it came: netlink, bpf(2), a link that is closed, a device that goes. Requests that
 * are refused before that end in dev_xdp_attach() alone. One request is one count.
 */
#include "compat.bpf.h"

#include <linux/if_link.h>

#include "device.bpf.h"
#include "event.bpf.h"
#include "filter.bpf.h"
#include "hook.bpf.h"
#include "inflight.bpf.h"
#include "kernel_types.h"
#include "xdp.h"

/* The kernel's enum bpf_xdp_mode, an index of net_device.xdp_state; the same since 5.9. */
enum kernel_xdp_mode {
	KERNEL_XDP_MODE_SKB = 0,
	KERNEL_XDP_MODE_DRV = 1,
	KERNEL_XDP_MODE_HW = 2,
};

struct xdp_change {
	struct device_ref device;
	struct xdp_program before;
	struct xdp_program after;
	__u32 mode; /* enum kernel_xdp_mode */
};

struct xdp_call {
	__u64 start_ns;
	struct xdp_key key; /* the map's key has to lie somewhere; not on the stack, which is small */
	struct xdp_change change;
	__u8 in_attach; /* dev_xdp_attach() is running */
	__u8 installed; /* dev_xdp_install() has run and counted */
};

COUNT_MAP(xdp_changes, struct xdp_key, struct counter);
INFLIGHT(struct xdp_call, 1)

static const struct counter kNoChanges;

static __always_inline void read_program(struct xdp_program *to, struct bpf_prog *from)
{
	__builtin_memset(to, 0, sizeof(*to));
	if (!from)
		return;
	to->id = BPF_CORE_READ(from, aux, id);
	bpf_probe_read_kernel_str(to->name, sizeof(to->name), BPF_CORE_READ(from, aux)->name);
	bpf_probe_read_kernel(to->tag, sizeof(to->tag), from->tag);
}

/* The program that is attached now, by itself or by a link. */
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
		return XDP_OPERATION_DETACH;
	return change->before.id ? XDP_OPERATION_REPLACE : XDP_OPERATION_ATTACH;
}

static __always_inline void record_change(struct xdp_call *call, int result)
{
	const struct xdp_change *change = &call->change;
	__u64 now = bpf_ktime_get_boot_ns();
	struct xdp_key *key = &call->key;
	struct counter *counter;
	struct event *event;

	if (!wants_device(&change->device))
		return;
	__builtin_memset(key, 0, sizeof(*key));
	key->device = change->device;
	key->operation = operation_of(change);
	key->mode = XDP_MODE_ID_GENERIC + change->mode;
	key->error = error_of(result);
	__builtin_memcpy(key->program,
			 key->operation == XDP_OPERATION_DETACH ? change->before.name : change->after.name,
			 sizeof(key->program));
	read_actor_labels(&key->actor);
	counter = count_value(&xdp_changes, key, &kNoChanges);
	if (counter)
		counter_add(counter, now);
	else
		count_lost_update();

	event = emit_begin(EVENT_XDP, &change->device, result, call->start_ns, now);
	if (!event)
		return;
	event->xdp.before = change->before;
	event->xdp.after = change->after;
	event->xdp.operation = key->operation;
	event->xdp.mode = key->mode;
	emit_end(event);
}

static __always_inline void read_change(struct xdp_change *change, struct net_device *dev, __u32 mode,
					struct bpf_prog *after)
{
	read_device(&change->device, dev);
	read_program(&change->before, attached_program(dev, mode));
	read_program(&change->after, after);
	change->mode = mode;
}

/* --- every change: int dev_xdp_install(dev, mode, bpf_op, extack, flags, prog) ------------------------- */

static __always_inline void dev_xdp_install_enter(const __u64 *arguments)
{
	struct xdp_call *call = call_find(0);

	if (!call || !call->in_attach)
		call = call_begin(0, 0); /* not by dev_xdp_attach(): a link's update or end, a device's end */
	if (!call)
		return;
	if (!call->start_ns)
		call->start_ns = bpf_ktime_get_boot_ns();
	read_change(&call->change, (struct net_device *)arguments[0], (__u32)arguments[1],
		    (struct bpf_prog *)arguments[5]);
}

static __always_inline void dev_xdp_install_leave(int result)
{
	struct xdp_call *call = call_find(0);

	if (!call)
		return;
	record_change(call, result);
	if (call->in_attach)
		call->installed = 1;
	else
		call_end(0);
}

HOOK(dev_xdp_install, 6, dev_xdp_install_enter, dev_xdp_install_leave)

/* --- refusals before it: int dev_xdp_attach(dev, extack, link, new_prog, old_prog, flags) --------------- */

/* As the kernel's dev_xdp_mode() chooses. */
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

static __always_inline void dev_xdp_attach_enter(const __u64 *arguments)
{
	struct net_device *dev = (struct net_device *)arguments[0];
	struct bpf_xdp_link *link = (struct bpf_xdp_link *)arguments[2];
	struct bpf_prog *after = (struct bpf_prog *)arguments[3];
	struct xdp_call *call = call_begin(0, 0);

	if (!call)
		return;
	call->start_ns = bpf_ktime_get_boot_ns();
	call->in_attach = 1;
	if (link)
		after = BPF_CORE_READ(link, link.prog);
	read_change(&call->change, dev, mode_of(dev, (__u32)arguments[5]), after);
}

static __always_inline void dev_xdp_attach_leave(int result)
{
	struct xdp_call *call = call_find(0);

	if (!call || !call->in_attach)
		return;
	if (result < 0 && !call->installed)
		record_change(call, result);
	call_end(0);
}

HOOK(dev_xdp_attach, 6, dev_xdp_attach_enter, dev_xdp_attach_leave)

char LICENSE[] SEC("license") = "GPL";
