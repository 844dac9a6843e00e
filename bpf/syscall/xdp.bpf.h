/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * XDP requests as system calls: bpf() on links, and RTM_SETLINK or RTM_NEWLINK with IFLA_XDP on a netlink
 * socket, the first request of each call. Part of xdp.bpf.c, whose functions count them; for kernels where
 * its functions cannot be looked at.
 *
 * What a program's place held before is read at the entry. What the kernel does by itself (a link that is
 * closed, a device that goes) passes no system call: exporter/collectors/xdp_untraced.h finds it.
 */
#ifndef NETCHANGE_SYSCALL_XDP_BPF_H
#define NETCHANGE_SYSCALL_XDP_BPF_H

#include <linux/errno.h>
#include <linux/rtnetlink.h>

#include "bpf/xdp.bpf.h"
#include "bpf/syscall/device_lookup.bpf.h"
#include "bpf/syscall/netlink_send.bpf.h"
#include "bpf/lib/netlink_attribute.bpf.h"
#include "bpf/lib/text.bpf.h"

/* Names of the files behind descriptors of programs and links: kernel/bpf/syscall.c */
#define PROGRAM_FILE   "bpf-prog"
#define LINK_FILE      "bpf_link"
#define FILE_NAME_SIZE 16

/* The file's own data, if it has this name; NULL else. */
static __always_inline void *data_of_file(__u32 descriptor, const char *name, int size)
{
	struct file *file = file_of(descriptor);
	char found[FILE_NAME_SIZE] = {};

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

static __always_inline struct xdp_call *begin_system_call(struct net_device *dev, __u32 mode,
							  struct bpf_prog *before, struct bpf_prog *after)
{
	struct xdp_call *call = xdp_call_begin(XDP_REQUEST, dev);

	if (!call)
		return NULL;
	call_began();
	read_xdp_call(call, dev, mode, before, after);
	return call;
}

/* --- int bpf(command, union bpf_attr *, size) ----------------------------------------------------------- */

/* The beginning of union bpf_attr for BPF_LINK_CREATE, and for BPF_LINK_UPDATE and BPF_LINK_DETACH. */
union link_request {
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

static __always_inline void link_create_enter(const union link_request *request)
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
	begin_system_call(dev, mode, attached_program(dev, mode), program);
}

/* A link whose device is gone has none; to detach it then is nothing. */
static __always_inline void link_change_enter(const union link_request *request, bool detach)
{
	struct bpf_xdp_link *link = link_of(request->update.link);
	struct bpf_prog *program = detach ? NULL : program_of(request->update.program);
	struct net_device *dev = BPF_CORE_READ(link, dev);

	if (link && (detach ? dev != NULL : program != NULL))
		begin_system_call(dev, mode_of(dev, BPF_CORE_READ(link, flags)),
				  BPF_CORE_READ(link, link.prog), program);
}

static __always_inline void bpf_enter(const __u64 *arguments)
{
	__u32 command = (__u32)arguments[0];
	union link_request request = {};
	__u64 size = (__u32)arguments[2];

	if (command != BPF_LINK_CREATE && command != BPF_LINK_UPDATE && command != BPF_LINK_DETACH)
		return;
	size = size < sizeof(request) ? size : sizeof(request);
	barrier_var(size);
	if (size > sizeof(request) || bpf_probe_read_user(&request, size, (const void *)arguments[1])) {
		count_lost_update(COLLECTOR_XDP);
		return;
	}
	if (command == BPF_LINK_CREATE)
		link_create_enter(&request);
	else
		link_change_enter(&request, command == BPF_LINK_DETACH);
}

SYSTEM_CALL_ENTER(bpf, bpf_enter)

/* --- requests on a netlink socket ----------------------------------------------------------------------- */

struct xdp_scratch {
	struct netlink_request request;
	union any_name name;
	union any_name other;
};

SCRATCH_MAP(xdp_scratch, struct xdp_scratch);

static __always_inline struct net_device *requested_device(struct xdp_scratch *scratch, struct net *net,
							   int index, struct nla_payload attributes)
{
	struct nla_payload name = find_attribute(attributes, IFLA_IFNAME);
	__u32 size;

	if (index > 0)
		return find_device_by_index(net, index);
	if (!name.size)
		name = find_attribute(attributes, IFLA_ALT_IFNAME);
	size = name.size < ALTNAME_SIZE ? name.size : ALTNAME_SIZE - 1;
	__builtin_memset(&scratch->name, 0, sizeof(scratch->name));
	if (!size || size >= ALTNAME_SIZE)
		return NULL;
	bpf_probe_read_kernel_str(scratch->name.text, size + 1, name.at);
	return find_device_by_name(net, &scratch->name, &scratch->other);
}

static __always_inline int read_number(struct nla_payload attribute, int otherwise)
{
	int number = otherwise;

	if (attribute.size >= sizeof(number))
		bpf_probe_read_kernel(&number, sizeof(number), attribute.at);
	return number;
}

static __always_inline void read_xdp_request(struct xdp_scratch *scratch, const struct netlink_send *send)
{
	const __u32 begin = NLMSG_HDRLEN + sizeof(struct ifinfomsg);
	struct netlink_request *request = &scratch->request;
	struct bpf_prog *after = NULL;
	struct nla_payload attributes, xdp;
	struct net_device *dev;
	struct ifinfomsg info;
	struct xdp_call *call;
	int program;
	__u32 mode;

	request->datagram = request->offset = 0;
	read_request(request, send);
	if (!is_whole(request) || request->size < begin ||
	    (request->header.nlmsg_type != RTM_SETLINK && request->header.nlmsg_type != RTM_NEWLINK) ||
	    !is_for_kernel(send, 0))
		return;
	attributes = (struct nla_payload){request->bytes + begin, request->size - begin};
	xdp = find_attribute(attributes, IFLA_XDP);
	if (find_attribute(xdp, IFLA_XDP_FD).size < sizeof(program))
		return;
	program = read_number(find_attribute(xdp, IFLA_XDP_FD), -1);
	if (program >= 0)
		after = program_of(program);
	__builtin_memcpy(&info, request->bytes + NLMSG_HDRLEN, sizeof(info));
	dev = requested_device(scratch, namespace_of(send->socket), info.ifi_index, attributes);
	if (!dev || (program >= 0 && !after))
		return;
	mode = mode_of(dev, read_number(find_attribute(xdp, IFLA_XDP_FLAGS), 0));
	call = begin_system_call(dev, mode, attached_program(dev, mode), after);
	if (!call)
		return;
	call->message_header = request->header;
	call->send = *send;
}

static __always_inline void begin_xdp_request(struct netlink_send *send, __u32 descriptor)
{
	struct xdp_scratch *scratch;

	if (!netlink_send_begin(send, descriptor, NETLINK_ROUTE))
		return;
	scratch = scratch_get(COLLECTOR_XDP, &xdp_scratch, &xdp_scratch_zero);
	if (!scratch)
		return;
	read_xdp_request(scratch, send);
	scratch_put(&xdp_scratch);
}

SENDING_CALL(sendto, SEND_BUFFER, arguments[2], arguments[4], begin_xdp_request)
SENDING_CALL(sendmsg, SEND_MESSAGE, 1, 0, begin_xdp_request)

/* --- the exit of any of them ---------------------------------------------------------------------------- */

/* What the request was answered. A call that fails sent none: then nothing happened. */
static __always_inline int answer_to(const struct xdp_call *call)
{
	struct xdp_scratch *scratch = scratch_get(COLLECTOR_XDP, &xdp_scratch, &xdp_scratch_zero);
	int answer;

	if (!scratch)
		return -EPERM; /* counted as lost, and so not as an attempt */
	answer = answer_of(&scratch->request, &call->message_header, &call->send);
	scratch_put(&xdp_scratch);
	return answer;
}

/* Without rights a netlink request does not get as far as to be an attempt. */
static __always_inline bool is_attempt(const struct xdp_call *call, __s64 sent, int result)
{
	return !call->send.socket || (sent > 0 && result != -EPERM);
}

static __always_inline void system_call_leave(__s64 returned)
{
	struct xdp_call *call = xdp_call_find(XDP_REQUEST);
	int result;

	if (!call)
		return;
	result = call->send.socket ? answer_to(call) : (int)returned;
	if (is_attempt(call, returned, result) &&
	    (result < 0 || call->change.before.id != call->change.after.id))
		record_xdp_change(call, result);
	xdp_call_end(XDP_REQUEST);
	call_ended();
}

SYSTEM_CALLS_EXIT(system_call_leave)

#endif
