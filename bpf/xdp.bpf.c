/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * XDP programs that are attached, replaced and detached. One change of one device is one count, whatever
 * number of the functions below it passes through (docs/adr/0002-two-ways-to-see-xdp.md):
 *
 *   request  dev_xdp_attach(), bpf_xdp_link_update(): may be refused before any change begins.
 *   change   dev_xdp_install(); where the kernel has no such function, generic_xdp_install() and the drivers'
 *            own functions. Those of ports, to which a bond passes its program, are reached by
 *            netif_xdp_propagate() or dev_xdp_propagate(), or directly by the driver's function.
 *
 * Changes are nested: that of a bond holds those of its ports. A function that is called for the change of
 * the same device that is already under way belongs to it.
 */
#include "compat.bpf.h"

#include <linux/if_link.h>

#include "device.bpf.h"
#include "event.bpf.h"
#include "filter.bpf.h"
#include "hook.bpf.h"
#include "inflight.bpf.h"
#include "kernel_types.h"
#include "module_event.h"
#include "netlink_sent.bpf.h"
#include "xdp.h"

/* The kernel's enum bpf_xdp_mode, an index of net_device.xdp_state; the same since 5.9. */
enum kernel_xdp_mode {
	KERNEL_XDP_MODE_SKB = 0,
	KERNEL_XDP_MODE_DRV = 1,
	KERNEL_XDP_MODE_HW = 2,
};

/* What a call is, for inflight.bpf.h. */
enum xdp_call_kind {
	XDP_REQUEST = 1,
	XDP_CHANGE = 2,
};

struct xdp_change {
	struct device_ref device;
	struct xdp_program before;
	struct xdp_program after;
	__u32 mode; /* enum kernel_xdp_mode */
};

struct xdp_call {
	__u64 start_ns;
	__u64 device;       /* struct net_device *, to compare */
	struct xdp_key key; /* the map's key has to lie somewhere; not on the stack, which is small */
	struct xdp_change change;
	struct xdp_port port;
	char message[XDP_MESSAGE_SIZE];
	__u32 attached;  /* id of the program that net_device.xdp_state had at the begin */
	__u16 nested;    /* functions for this same change that are running within it */
	__u8 changed;    /* of a request: a change has run and was counted */
	__u8 from_above; /* of a change: passed on by the device above, which the kernel notes nowhere */
	struct nlmsghdr message_header; /* these two only by system calls, of a netlink request */
	struct sent sent;
};

COUNT_MAP(xdp_changes, struct xdp_key, struct counter);
INFLIGHT(struct xdp_call, MAX_STACKED_DEVICES)

/* Programs that ports have from above. LRU: a port that is gone makes room by itself. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct xdp_port);
	__type(value, struct xdp_program);
} xdp_ports SEC(".maps");

static const struct counter kNoChanges;

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

static __always_inline void record_call(struct xdp_call *call, int result)
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
	__builtin_memcpy(event->xdp.message, call->message, sizeof(event->xdp.message));
	emit_end(event);
}

static __always_inline void read_call(struct xdp_call *call, struct net_device *dev, __u32 mode,
				      struct bpf_prog *before, struct bpf_prog *after)
{
	call->start_ns = bpf_ktime_get_boot_ns();
	call->device = (__u64)dev;
	call->attached = id_of(before);
	call->change.mode = mode;
	read_device(&call->change.device, dev);
	keep_only_real_cookie(&call->change.device);
	read_program(&call->change.before, before);
	read_program(&call->change.after, after);
}

/* --- changes ------------------------------------------------------------------------------------------- */

static __always_inline bool is_request_for(const struct xdp_call *request, __u64 device)
{
	return request && request->device == device;
}

/* The kernel keeps no note of a program that a port has from above, so one is kept here. */
static __always_inline void read_port(struct xdp_call *call, struct net_device *dev)
{
	const struct xdp_program *before;

	call->port.netns = call->change.device.netns;
	call->port.netns_cookie = call->change.device.netns_cookie;
	call->port.ifindex = BPF_CORE_READ(dev, ifindex);
	/* What a user attaches comes by a request; what he detaches by closing a link is attached. */
	if (call->attached || is_request_for(call_find(XDP_REQUEST), call->device))
		return;
	call->from_above = 1;
	before = bpf_map_lookup_elem(&xdp_ports, &call->port);
	if (before)
		call->change.before = *before;
}

static __always_inline void note_port(struct xdp_call *call)
{
	if (call->from_above && call->change.after.id)
		bpf_map_update_elem(&xdp_ports, &call->port, &call->change.after, BPF_ANY);
	else
		bpf_map_delete_elem(&xdp_ports, &call->port);
}

/* A record of the same device but of other programs is not this change: its exit was missed. */
static __always_inline bool is_same_change(const struct xdp_call *call, struct net_device *dev,
					   struct bpf_prog *before, struct bpf_prog *after)
{
	return call && call->device == (__u64)dev && call->attached == id_of(before) &&
	       call->change.after.id == id_of(after);
}

static __always_inline void begin_change(struct net_device *dev, __u32 mode, struct bpf_prog *after)
{
	struct bpf_prog *before = attached_program(dev, mode);
	struct xdp_call *call = call_find(XDP_CHANGE);

	if (is_same_change(call, dev, before, after)) {
		call->nested++;
		return;
	}
	call = call_begin(XDP_CHANGE, (__u64)dev);
	if (!call)
		return;
	read_call(call, dev, mode, before, after);
	read_port(call, dev);
}

static __always_inline void end_change(int result)
{
	struct xdp_call *call = call_find(XDP_CHANGE);
	struct xdp_call *request;

	if (!call)
		return;
	if (call->nested) {
		call->nested--;
		return;
	}
	request = call_find(XDP_REQUEST);
	if (is_request_for(request, call->device))
		request->changed = 1;
	/* A device above may tell its port what it already has. */
	if (result || call->change.before.id != call->change.after.id)
		record_call(call, result);
	if (!result)
		note_port(call);
	call_end(XDP_CHANGE);
}

/* int dev_xdp_install(dev, mode, bpf_op, extack, flags, prog) */
static __always_inline void dev_xdp_install_enter(const __u64 *arguments)
{
	begin_change((struct net_device *)arguments[0], (__u32)arguments[1], (struct bpf_prog *)arguments[5]);
}

HOOK(dev_xdp_install, 6, dev_xdp_install_enter, end_change)

/* All below: int function(struct net_device *, struct netdev_bpf *), which other commands use too. */
static __always_inline void begin_command(const __u64 *arguments, __u32 native_mode)
{
	struct net_device *dev = (struct net_device *)arguments[0];
	struct netdev_bpf *request = (struct netdev_bpf *)arguments[1];
	__u32 command = BPF_CORE_READ(request, command);
	struct xdp_call *call;

	if (command == bpf_core_enum_value(enum bpf_netdev_command, XDP_SETUP_PROG)) {
		begin_change(dev, native_mode, BPF_CORE_READ(request, prog));
	} else if (command == bpf_core_enum_value(enum bpf_netdev_command, XDP_SETUP_PROG_HW)) {
		begin_change(dev, KERNEL_XDP_MODE_HW, BPF_CORE_READ(request, prog));
	} else {
		call = call_find(XDP_CHANGE);
		if (call)
			call->nested++; /* its end is not the end of the change that it is within */
	}
}

static __always_inline void generic_enter(const __u64 *arguments)
{
	begin_command(arguments, KERNEL_XDP_MODE_SKB);
}

static __always_inline void driver_enter(const __u64 *arguments)
{
	begin_command(arguments, KERNEL_XDP_MODE_DRV);
}

HOOK(generic_xdp_install, 2, generic_enter, end_change)
HOOK(netif_xdp_propagate, 2, driver_enter, end_change)
HOOK(dev_xdp_propagate, 2, driver_enter, end_change)

/* For the drivers' functions, found at run time (exporter/kernel/driver_probes.h). */
SEC("kprobe")
int driver_kprobe(struct pt_regs *ctx)
{
	const __u64 arguments[] = {PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx)};

	driver_enter(arguments);
	return 0;
}

SEC("kretprobe")
int driver_kretprobe(struct pt_regs *ctx)
{
	end_change((__u64)PT_REGS_RC(ctx));
	return 0;
}

/* --- requests ------------------------------------------------------------------------------------------ */

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

static __always_inline void end_request(int result)
{
	struct xdp_call *call = call_find(XDP_REQUEST);

	if (!call)
		return;
	if (result < 0 && !call->changed)
		record_call(call, result);
	call_end(XDP_REQUEST);
}

/* int dev_xdp_attach(dev, extack, link, new_prog, old_prog, flags); with a link, new_prog is NULL */
static __always_inline void dev_xdp_attach_enter(const __u64 *arguments)
{
	struct net_device *dev = (struct net_device *)arguments[0];
	struct bpf_xdp_link *link = (struct bpf_xdp_link *)arguments[2];
	struct bpf_prog *after = (struct bpf_prog *)arguments[3];
	struct xdp_call *call = call_begin(XDP_REQUEST, (__u64)dev);
	__u32 mode = mode_of(dev, (__u32)arguments[5]);

	if (!call)
		return;
	if (link)
		after = BPF_CORE_READ(link, link.prog);
	read_call(call, dev, mode, attached_program(dev, mode), after);
}

/* int bpf_xdp_link_update(link, new_prog, old_prog). The device of the link may be gone: NULL */
static __always_inline void bpf_xdp_link_update_enter(const __u64 *arguments)
{
	struct bpf_xdp_link *link = (struct bpf_xdp_link *)arguments[0];
	struct net_device *dev = BPF_CORE_READ(link, dev);
	struct xdp_call *call = call_begin(XDP_REQUEST, (__u64)dev);

	if (!call)
		return;
	read_call(call, dev, mode_of(dev, BPF_CORE_READ(link, flags)), BPF_CORE_READ(link, link.prog),
		  (struct bpf_prog *)arguments[1]);
}

HOOK(dev_xdp_attach, 6, dev_xdp_attach_enter, end_request)
HOOK(bpf_xdp_link_update, 3, bpf_xdp_link_update_enter, end_request)

/* void do_trace_netlink_extack(msg): the last message is what the caller gets, at whatever depth it is set.
 */
static __always_inline void do_trace_netlink_extack_enter(const __u64 *arguments)
{
	struct inflight_key key = {.task = bpf_get_current_pid_tgid()};
	struct inflight_record *record;

	_Pragma("unroll") for (int depth = 0; depth < MAX_STACKED_DEVICES; depth++)
	{
		key.depth = depth;
		record = bpf_map_lookup_elem(&inflight, &key);
		if (!record)
			break;
		__builtin_memset(record->call.message, 0, sizeof(record->call.message));
		bpf_probe_read_kernel_str(record->call.message, sizeof(record->call.message),
					  (const void *)arguments[0]);
	}
}

HOOK_ENTRY(do_trace_netlink_extack, do_trace_netlink_extack, 1, do_trace_netlink_extack_enter)

#include "xdp_syscall.bpf.h"

/* --- modules that come and go, with the driver functions in them ---------------------------------------- */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} modules SEC(".maps");

static __always_inline void announce_module(struct module *module, __u32 comes)
{
	struct module_event *event = bpf_ringbuf_reserve(&modules, sizeof(*event), 0);

	if (!event) {
		count_lost_update(); /* what its driver does may be lost from here on */
		return;
	}
	event->comes = comes;
	__builtin_memset(event->name, 0, sizeof(event->name));
	bpf_probe_read_kernel_str(event->name, sizeof(event->name), module->name);
	bpf_ringbuf_submit(event, 0);
}

SEC("raw_tp/module_load")
int module_load(struct bpf_raw_tracepoint_args *ctx)
{
	announce_module((struct module *)ctx->args[0], 1);
	return 0;
}

SEC("raw_tp/module_free")
int module_free(struct bpf_raw_tracepoint_args *ctx)
{
	announce_module((struct module *)ctx->args[0], 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
