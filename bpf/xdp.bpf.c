/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * XDP programs that are attached, replaced and detached. One change of one device counts once, however many
 * of these functions it passes (docs/adr/0002-two-ways-to-see-xdp.md):
 *
 *   request  dev_xdp_attach(), bpf_xdp_link_update(): may be refused before a change begins.
 *   change   dev_xdp_install(); if the kernel has no such function, generic_xdp_install() and the
 *            drivers' own functions. For ports, to which a bond passes its program, the drivers'
 *            functions are called by netif_xdp_propagate() or dev_xdp_propagate(), or directly.
 *
 * Changes are nested: the change of a bond contains those of its ports. If a function is called for a device
 * whose change is already in flight, the call belongs to that change.
 */
#include "bpf/xdp.bpf.h"

#include "bpf/lib/hook.bpf.h"
#include "bpf/lib/modules.bpf.h"

/* --- changes ------------------------------------------------------------------------------------------- */

/* Programs that ports have from their upper device. LRU: entries of deleted ports are replaced. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct xdp_port);
	__type(value, struct xdp_program);
} xdp_ports SEC(".maps");

static __always_inline bool is_request_for(const struct xdp_call *request, __u64 device)
{
	return request && request->device == device;
}

/* The kernel does not record a program that a port has from its upper device, so it is recorded here. */
static __always_inline void read_port(struct xdp_call *call, struct net_device *dev)
{
	const struct xdp_program *before;

	call->port.netns = call->change.device.netns;
	call->port.netns_cookie = call->change.device.netns_cookie;
	call->port.ifindex = BPF_CORE_READ(dev, ifindex);
	/* The program is not from the upper device if the port has a program of its own (its link may be
	 * closing), or if a request of a user attaches it. */
	if (call->attached || is_request_for(xdp_call_find(XDP_REQUEST), call->device))
		return;
	call->from_upper = 1;
	before = bpf_map_lookup_elem(&xdp_ports, &call->port);
	if (before)
		call->change.before = *before;
}

static __always_inline void note_port(struct xdp_call *call)
{
	if (call->from_upper && call->change.after.id)
		bpf_map_update_elem(&xdp_ports, &call->port, &call->change.after, BPF_ANY);
	else
		bpf_map_delete_elem(&xdp_ports, &call->port);
}

/* A record of the same device but other programs is not this change: its exit was missed. */
static __always_inline bool is_same_change(const struct xdp_call *call, struct net_device *dev,
					   struct bpf_prog *before, struct bpf_prog *after)
{
	return call && call->device == (__u64)dev && call->attached == id_of(before) &&
	       call->change.after.id == id_of(after);
}

static __always_inline void begin_change(struct net_device *dev, __u32 mode, struct bpf_prog *after)
{
	struct bpf_prog *before = attached_program(dev, mode);
	struct xdp_call *call = xdp_call_find(XDP_CHANGE);

	if (is_same_change(call, dev, before, after)) {
		call->nested++;
		return;
	}
	call = xdp_call_begin(XDP_CHANGE, dev);
	if (!call)
		return;
	read_xdp_call(call, dev, mode, before, after);
	read_port(call, dev);
}

static __always_inline void end_change(int result)
{
	struct xdp_call *call = xdp_call_find(XDP_CHANGE);
	struct xdp_call *request;

	if (!call)
		return;
	if (call->nested) {
		call->nested--;
		return;
	}
	request = xdp_call_find(XDP_REQUEST);
	if (is_request_for(request, call->device))
		request->changed = 1;
	/* An upper device may pass a program that its port already has. */
	if (result || call->change.before.id != call->change.after.id)
		record_xdp_change(call, result);
	if (!result)
		note_port(call);
	xdp_call_end(XDP_CHANGE);
}

HOOK_ENTER(dev_xdp_install, struct net_device *dev, __u32 mode, void *bpf_op, void *extack, __u32 flags,
	   struct bpf_prog *program)
{
	(void)bpf_op;
	(void)extack;
	(void)flags;
	begin_change(dev, mode, program);
}

HOOK_EXIT(dev_xdp_install, 6, int result)
{
	end_change(result);
}

/* The functions below also have other commands. */
static __always_inline void begin_command(struct net_device *dev, struct netdev_bpf *request,
					  __u32 native_mode)
{
	__u32 command = BPF_CORE_READ(request, command);
	struct xdp_call *call;

	if (command == bpf_core_enum_value(enum bpf_netdev_command, XDP_SETUP_PROG)) {
		begin_change(dev, native_mode, BPF_CORE_READ(request, prog));
	} else if (command == bpf_core_enum_value(enum bpf_netdev_command, XDP_SETUP_PROG_HW)) {
		begin_change(dev, KERNEL_XDP_MODE_HW, BPF_CORE_READ(request, prog));
	} else {
		call = xdp_call_find(XDP_CHANGE);
		if (call)
			call->nested++; /* its end is not the end of the change that contains it */
	}
}

HOOK_ENTER(generic_xdp_install, struct net_device *dev, struct netdev_bpf *request)
{
	begin_command(dev, request, KERNEL_XDP_MODE_SKB);
}

HOOK_EXIT(generic_xdp_install, 2, int result)
{
	end_change(result);
}

HOOK_ENTER(netif_xdp_propagate, struct net_device *dev, struct netdev_bpf *request)
{
	begin_command(dev, request, KERNEL_XDP_MODE_DRV);
}

HOOK_EXIT(netif_xdp_propagate, 2, int result)
{
	end_change(result);
}

/* Programs for the drivers' functions, which are found at run time (exporter/kernel/driver_probes.h). */
SEC("kprobe")
int driver_kprobe(struct pt_regs *ctx)
{
	begin_command((struct net_device *)PT_REGS_PARM1(ctx), (struct netdev_bpf *)PT_REGS_PARM2(ctx),
		      KERNEL_XDP_MODE_DRV);
	return 0;
}

SEC("kretprobe")
int driver_kretprobe(struct pt_regs *ctx)
{
	end_change((int)PT_REGS_RC(ctx));
	return 0;
}

/* --- requests ------------------------------------------------------------------------------------------ */

static __always_inline void end_request(int result)
{
	struct xdp_call *call = xdp_call_find(XDP_REQUEST);

	if (!call)
		return;
	if (result < 0 && !call->changed)
		record_xdp_change(call, result);
	xdp_call_end(XDP_REQUEST);
}

/* `after` is NULL if a link is attached. */
HOOK_ENTER(dev_xdp_attach, struct net_device *dev, void *extack, struct bpf_xdp_link *link,
	   struct bpf_prog *after, struct bpf_prog *old, __u32 flags)
{
	struct xdp_call *call = xdp_call_begin(XDP_REQUEST, dev);
	__u32 mode = mode_of(dev, flags);

	(void)extack;
	(void)old;
	if (!call)
		return;
	if (link)
		after = BPF_CORE_READ(link, link.prog);
	read_xdp_call(call, dev, mode, attached_program(dev, mode), after);
}

HOOK_EXIT(dev_xdp_attach, 6, int result)
{
	end_request(result);
}

/* The link's device is NULL if it was deleted. */
HOOK_ENTER(bpf_xdp_link_update, struct bpf_xdp_link *link, struct bpf_prog *after)
{
	struct net_device *dev = BPF_CORE_READ(link, dev);
	struct xdp_call *call = xdp_call_begin(XDP_REQUEST, dev);

	if (!call)
		return;
	read_xdp_call(call, dev, mode_of(dev, BPF_CORE_READ(link, flags)), BPF_CORE_READ(link, link.prog),
		      after);
}

HOOK_EXIT(bpf_xdp_link_update, 3, int result)
{
	end_request(result);
}

/* The kernel's tracepoint for each extack message. The caller gets the last message, at whatever depth it is
 * set. */
HOOK_ENTER(do_trace_netlink_extack, const char *message)
{
	struct xdp_call *call;

	_Pragma("unroll") for (int depth = 0; depth < MAX_STACKED_DEVICES; depth++)
	{
		call = inflight_at(&xdp_calls, depth);
		if (!call)
			break;
		__builtin_memset(call->message, 0, sizeof(call->message));
		bpf_probe_read_kernel_str(call->message, sizeof(call->message), message);
	}
}

/* --- modules, which contain drivers' functions ---------------------------------------------------------- */

SEC("raw_tp/module_load")
int module_load(struct bpf_raw_tracepoint_args *ctx)
{
	announce_module(COLLECTOR_XDP, (struct module *)ctx->args[0], 1);
	return 0;
}

SEC("raw_tp/module_free")
int module_free(struct bpf_raw_tracepoint_args *ctx)
{
	announce_module(COLLECTOR_XDP, (struct module *)ctx->args[0], 0);
	return 0;
}
