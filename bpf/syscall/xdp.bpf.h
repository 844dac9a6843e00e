/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * XDP requests: bpf() on links, and RTM_SETLINK or RTM_NEWLINK with IFLA_XDP on a netlink socket, the first
 * request of each call. The entry reads the program attached before. Changes that the kernel makes by itself
 * (a closed link, a deleted device) need no system call: exporter/collectors/xdp_untraced.h finds them.
 */
#ifndef NETCHANGE_SYSCALL_XDP_BPF_H
#define NETCHANGE_SYSCALL_XDP_BPF_H

#include <linux/errno.h>

#include "bpf/lib/text.bpf.h"
#include "bpf/syscall/device_lookup.bpf.h"
#include "bpf/syscall/rtnetlink.bpf.h"
#include "bpf/syscall/system_call.bpf.h"
#include "bpf/xdp.bpf.h"

/* File names of descriptors of programs and links: kernel/bpf/syscall.c */
#define PROGRAM_FILE  "bpf-prog"
#define LINK_FILE     "bpf_link"
#define BPF_FILE_SIZE 16

/* The file's private data if the file has this name; NULL otherwise. */
static __always_inline void *data_of_file(__u32 descriptor, const char *name, int size)
{
	struct file *file = file_of(descriptor);
	char found[BPF_FILE_SIZE] = {};

	bpf_probe_read_kernel_str(found, sizeof(found), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	return same_bytes(found, name, size) ? BPF_CORE_READ(file, private_data) : NULL;
}

static __always_inline struct bpf_prog *program_of(__u32 descriptor)
{
	struct bpf_prog *program = data_of_file(descriptor, PROGRAM_FILE, sizeof(PROGRAM_FILE));

	return BPF_CORE_READ(program, type) == BPF_PROG_TYPE_XDP ? program : NULL;
}

static __always_inline struct bpf_xdp_link *link_of(__u32 descriptor)
{
	struct bpf_xdp_link *link = data_of_file(descriptor, LINK_FILE, sizeof(LINK_FILE));

	return BPF_CORE_READ(link, link.type) == BPF_LINK_TYPE_XDP ? link : NULL;
}

static __always_inline void xdp_request_begin(struct system_call *system_call, struct net_device *dev,
					      __u32 mode, struct bpf_prog *before, struct bpf_prog *after)
{
	struct xdp_call *call = xdp_call_begin(XDP_REQUEST, dev);

	if (!call)
		return;
	read_xdp_call(call, dev, mode, before, after);
	system_call->collectors |= COLLECTOR_BIT(COLLECTOR_XDP);
}

/* --- int bpf(command, union bpf_attr *, size) ----------------------------------------------------------- */

/* The beginning of union bpf_attr for BPF_LINK_CREATE, BPF_LINK_UPDATE and BPF_LINK_DETACH. */
union bpf_link_request {
	struct {
		__u32 program;
		__u32 ifindex;
		__u32 attach_type;
		__u32 flags;
	} create;
	struct {
		__u32 link;
		__u32 program;
	} update;
};

static __always_inline bool is_bpf_link_command(__u32 command)
{
	return command == BPF_LINK_CREATE || command == BPF_LINK_UPDATE || command == BPF_LINK_DETACH;
}

static __always_inline void link_create_enter(struct system_call *system_call,
					      const union bpf_link_request *request)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct net_device *dev;
	struct bpf_prog *program;
	__u32 mode;

	if (request->create.attach_type != BPF_XDP)
		return;
	dev = find_device_by_index(BPF_CORE_READ(task, nsproxy, net_ns), request->create.ifindex);
	program = program_of(request->create.program);
	if (!dev || !program)
		return;
	mode = mode_of(dev, request->create.flags);
	xdp_request_begin(system_call, dev, mode, attached_program(dev, mode), program);
}

/* A link whose device was deleted has no device: a detach then changes nothing. */
static __always_inline void link_change_enter(struct system_call *system_call,
					      const union bpf_link_request *request, bool detach)
{
	struct bpf_xdp_link *link = link_of(request->update.link);
	struct bpf_prog *program = detach ? NULL : program_of(request->update.program);
	struct net_device *dev = BPF_CORE_READ(link, dev);

	if (link && (detach ? dev != NULL : program != NULL))
		xdp_request_begin(system_call, dev, mode_of(dev, BPF_CORE_READ(link, flags)),
				  BPF_CORE_READ(link, link.prog), program);
}

/* `command` must satisfy is_bpf_link_command(). */
static __always_inline void xdp_bpf_enter(struct system_call *system_call, __u32 command, const void *attr,
					  __u64 size)
{
	union bpf_link_request request = {};

	size = size < sizeof(request) ? size : sizeof(request);
	barrier_var(size);
	if (size > sizeof(request) || bpf_probe_read_user(&request, size, attr))
		count_lost_update(COLLECTOR_XDP);
	else if (command == BPF_LINK_CREATE)
		link_create_enter(system_call, &request);
	else
		link_change_enter(system_call, &request, command == BPF_LINK_DETACH);
}

/* --- requests on a netlink socket ----------------------------------------------------------------------- */

static __always_inline int read_number(struct nla_payload attribute, int otherwise)
{
	int number = otherwise;

	if (attribute.size >= sizeof(number))
		bpf_probe_read_kernel(&number, sizeof(number), (const void *)attribute.at);
	return number;
}

/* The request is the one that rtnetlink_receive() read, for a link. */
__noinline int xdp_request_enter(void)
{
	struct system_call *system_call = system_call_find();
	struct net_device *dev;
	struct bpf_prog *after = NULL;
	struct nla_payload xdp;
	struct place place;
	int program;
	__u32 mode;

	if (!is_traced(COLLECTOR_XDP) || !system_call)
		return 0;
	dev = system_call->dev;
	place = place_of(find_place(LINK_ATTRIBUTES, IFLA_XDP));
	xdp = payload_at(payload_of(system_call, place), place.length);
	if (!dev || find_attribute(xdp, IFLA_XDP_FD).size < sizeof(program))
		return 0;
	program = read_number(find_attribute(xdp, IFLA_XDP_FD), -1);
	if (program >= 0)
		after = program_of(program);
	if (program >= 0 && !after)
		return 0;
	mode = mode_of(dev, read_number(find_attribute(xdp, IFLA_XDP_FLAGS), 0));
	xdp_request_begin(system_call, dev, mode, attached_program(dev, mode), after);
	return 0;
}

/* --- the exit of any of them ---------------------------------------------------------------------------- */

/*
 * Not an attempt: a netlink request without permission, and a request that could not be sent.
 */
static __always_inline bool is_xdp_attempt(const struct system_call *call, __s64 returned, int result)
{
	return !call->send.form || (returned > 0 && result != -EPERM);
}

__noinline int xdp_leave(__s64 returned)
{
	struct system_call *system_call = system_call_find();
	struct xdp_call *call;
	int result = (int)returned;

	if (!is_traced(COLLECTOR_XDP) || !system_call)
		return 0;
	call = xdp_call_find(XDP_REQUEST);
	if (!call)
		return 0;
	if (system_call->send.form)
		result = answer_of_call(returned);
	if (is_xdp_attempt(system_call, returned, result) &&
	    (result < 0 || call->change.before.id != call->change.after.id))
		record_xdp_change(call, result);
	xdp_call_end(XDP_REQUEST);
	return 0;
}

#endif
