/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to every sysctl below net, including those of modules. proc_sys_call_handler() is called for each,
 * whatever its handler; a refused open ends in proc_sys_permission(). For kernels that forbid tracing:
 * syscall/sysctl.bpf.h. See docs/adr/0004.
 */
#include "bpf/sysctl.bpf.h"

#include "bpf/lib/hook.bpf.h"
#include "bpf/lib/device_index.bpf.h"
#include "bpf/sysctl_attributes.bpf.h"
#include "bpf/lib/result.bpf.h"

/* include/linux/fs.h: access that proc_sys_permission() checks */
#define MAY_WRITE 0x02
#define MAY_OPEN  0x20 /* the check comes from open(2), not from access(2) */

static __always_inline struct proc_inode *proc_inode_of(struct inode *inode)
{
	return (void *)inode - bpf_core_field_offset(struct proc_inode, vfs_inode);
}

HOOK_ENTER(proc_sys_call_handler, struct kiocb *iocb, struct iov_iter *iter, int is_write)
{
	struct sysctl_call *call;
	struct proc_inode *file;
	struct ctl_table *table;
	bool in_kernel;

	if (!is_write)
		return;
	call = sysctl_call_begin(SYSCTL_WRITE);
	if (!call)
		return;
	file = proc_inode_of(BPF_CORE_READ(iocb, ki_filp, f_inode));
	table = BPF_CORE_READ(file, sysctl_entry);
	if (!name_write(call, BPF_CORE_READ(file, sysctl), table)) {
		sysctl_call_end();
		return;
	}
	note_size(call, BPF_CORE_READ(iter, count), BPF_CORE_READ(iocb, ki_pos));
	/* Read at the exit, after the kernel has read it: then the page is in memory. */
	call->text = iter_text(iter, &in_kernel);
	call->text_memory = in_kernel ? KERNEL_MEMORY : USER_MEMORY;
	find_storage(call, table);
	read_storage(&call->write.old_value, call);
}

HOOK_EXIT(proc_sys_call_handler, 3, int result)
{
	struct sysctl_call *call = sysctl_call_find(SYSCTL_WRITE);

	if (!call)
		return;
	if (!is_restart(result)) {
		read_storage(&call->write.new_value, call);
		set_text(&call->write.written, call->text, call->text_size, call->text_memory);
		record_sysctl_write(0, result);
	}
	sysctl_call_end();
}

/*
 * If the file may not be written, open fails, and the handler is never called. Names are read only for
 * refused opens, because most opens succeed.
 */
static __always_inline void open_enter(struct inode *inode, int mask)
{
	struct sysctl_call *call;

	if ((mask & (MAY_WRITE | MAY_OPEN)) != (MAY_WRITE | MAY_OPEN))
		return;
	call = sysctl_call_begin(SYSCTL_OPEN);
	if (call)
		call->file = proc_inode_of(inode);
}

static __always_inline void open_leave(int result)
{
	struct sysctl_call *call = sysctl_call_find(SYSCTL_OPEN);
	struct proc_inode *file;

	if (!call)
		return;
	file = call->file;
	if (result < 0 && name_write(call, BPF_CORE_READ(file, sysctl), BPF_CORE_READ(file, sysctl_entry)))
		record_sysctl_write(0, result);
	sysctl_call_end();
}

HOOK_ENTER_AS(proc_sys_permission_2, proc_sys_permission, struct inode *inode, int mask)
{
	open_enter(inode, mask);
}

HOOK_EXIT_AS(proc_sys_permission_2, proc_sys_permission, 2, int result)
{
	open_leave(result);
}

/* From 5.12 on, the first argument is a user namespace, or a mapping of one. */
HOOK_ENTER_AS(proc_sys_permission_3, proc_sys_permission, void *mapping, struct inode *inode, int mask)
{
	(void)mapping;
	open_enter(inode, mask);
}

HOOK_EXIT_AS(proc_sys_permission_3, proc_sys_permission, 3, int result)
{
	open_leave(result);
}

/* --- settings that requests on NETLINK_ROUTE sockets change -----------------------------------------------
 */

/* `attribute`: AF_INET6 or AF_INET in IFLA_AF_SPEC. Returns what is in it as a range; 0: nothing. */
static __always_inline __u32 link_family_enter(const struct nlattr *attribute)
{
	__u16 size = 0;

	bpf_probe_read_kernel(&size, sizeof(size), &attribute->nla_len);
	if (size <= NLA_HDRLEN || !sysctl_request_begin(attribute, size))
		return 0;
	return range_of(NLA_HDRLEN, size - NLA_HDRLEN);
}

static __always_inline void inet6_enter(struct net_device *dev, const struct nlattr *attribute)
{
	__u32 range = link_family_enter(attribute);

	if (range)
		add_inet6(dev, range);
}

static __always_inline void inet_enter(struct net_device *dev, const struct nlattr *attribute)
{
	__u32 range = link_family_enter(attribute);

	if (range)
		add_inet(dev, range);
}

HOOK_ENTER_AS(inet6_set_link_af_3, inet6_set_link_af, struct net_device *dev, const struct nlattr *attribute)
{
	inet6_enter(dev, attribute);
}

HOOK_EXIT_AS(inet6_set_link_af_3, inet6_set_link_af, 3, int result)
{
	sysctl_request_leave(result);
}

HOOK_ENTER_AS(inet_set_link_af_3, inet_set_link_af, struct net_device *dev, const struct nlattr *attribute)
{
	inet_enter(dev, attribute);
}

HOOK_EXIT_AS(inet_set_link_af_3, inet_set_link_af, 3, int result)
{
	sysctl_request_leave(result);
}

/* Before 5.12 without the last argument (8679c31e0284). Goes with 5.10. */
HOOK_ENTER_AS(inet6_set_link_af_2, inet6_set_link_af, struct net_device *dev, const struct nlattr *attribute)
{
	inet6_enter(dev, attribute);
}

HOOK_EXIT_AS(inet6_set_link_af_2, inet6_set_link_af, 2, int result)
{
	sysctl_request_leave(result);
}

HOOK_ENTER_AS(inet_set_link_af_2, inet_set_link_af, struct net_device *dev, const struct nlattr *attribute)
{
	inet_enter(dev, attribute);
}

HOOK_EXIT_AS(inet_set_link_af_2, inet_set_link_af, 2, int result)
{
	sysctl_request_leave(result);
}

/* The functions for devices sleep, this one looks its device up in the namespace of the socket. */
HOOK_ENTER(neightbl_set, struct sk_buff *skb, const struct nlmsghdr *message)
{
	struct net *net = BPF_CORE_READ(skb, sk, __sk_common.skc_net.net);
	__u32 size = 0, index;
	struct net_device *dev = NULL;

	bpf_probe_read_kernel(&size, sizeof(size), &message->nlmsg_len);
	if (!sysctl_request_begin(message, size))
		return;
	index = neighbour_device();
	if (index)
		dev = find_device_by_index(net, index);
	if (!index || dev)
		add_neighbour_table(net, dev);
}

HOOK_EXIT(neightbl_set, 3, int result)
{
	sysctl_request_leave(result);
}
