/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Events as system calls, for kernels that forbid tracing of functions: one object for all collectors that
 * need it. Each system call has a program at its entry, sys_enter_<call>, which returns after its first test
 * for nearly every process. All calls share the program sys_exit at their exit, which returns after reading
 * one number. The exporter loads a program only if a collector needs it (exporter/kernel/system_calls.h).
 */
#include "bpf/syscall/ethtool.bpf.h"
#include "bpf/syscall/irq.bpf.h"
#include "bpf/syscall/link.bpf.h"
#include "bpf/syscall/queues.bpf.h"
#include "bpf/syscall/sysctl.bpf.h"
#include "bpf/syscall/sysctl_open.bpf.h"
#include "bpf/syscall/sysctl_request.bpf.h"
#include "bpf/syscall/xdp.bpf.h"

/* --- ioctl ------------------------------------------------------------------------------------------- */

SEC("tracepoint")
int sys_enter_ioctl(struct syscall_enter *ctx)
{
	__u32 request = (__u32)ctx->arguments[1];
	bool is_ethtool = is_traced(COLLECTOR_ETHTOOL) && request == REQUEST_ETHTOOL;
	int setting = is_traced(COLLECTOR_LINK) ? setting_of_ioctl(request) : NO_SETTING;
	struct system_call *call;
	struct sock *socket;

	if (!is_ethtool && setting == NO_SETTING)
		return 0;
	socket = socket_of((__u32)ctx->arguments[0]);
	if (!socket)
		return 0;
	call = system_call_begin(COLLECTOR_BIT(is_ethtool ? COLLECTOR_ETHTOOL : COLLECTOR_LINK));
	if (!call)
		return 0;
	call->memory = (const void *)ctx->arguments[2];
	call->send.socket = socket;
	if (is_ethtool)
		ethtool_ioctl_enter();
	else
		link_ioctl_enter(setting);
	system_call_entered(call);
	return 0;
}

/* --- requests on netlink sockets --------------------------------------------------------------------- */

/* `send`: its memory, count, to and form. `protocol`: netlink_protocol_of(socket). */
static __always_inline void generic_netlink_enter(struct netlink_send *send, struct sock *socket,
						  int protocol)
{
	struct system_call *call;

	if (!is_traced(COLLECTOR_ETHTOOL) || !settings.ethtool_family || protocol != NETLINK_GENERIC)
		return;
	call = system_call_begin(COLLECTOR_BIT(COLLECTOR_ETHTOOL));
	if (!call)
		return;
	netlink_send_begin(send, socket);
	call->send = *send;
	ethtool_enter(call, ETHTOOL_TRANSPORT_NETLINK); /* the exit reads the requests */
	system_call_entered(call);
}

static __always_inline void rtnetlink_enter(struct netlink_send *send, struct sock *socket, int protocol)
{
	__u32 collectors = (is_traced(COLLECTOR_LINK) ? COLLECTOR_BIT(COLLECTOR_LINK) : 0) |
			   (is_traced(COLLECTOR_SYSCTL) ? COLLECTOR_BIT(COLLECTOR_SYSCTL) : 0) |
			   (is_traced(COLLECTOR_XDP) ? COLLECTOR_BIT(COLLECTOR_XDP) : 0);
	struct system_call *call;
	int type;

	if (!collectors || protocol != NETLINK_ROUTE)
		return;
	call = system_call_begin(collectors);
	if (!call)
		return;
	netlink_send_begin(send, socket);
	call->send = *send;
	type = rtnetlink_receive();
	if (type && !is_neighbour_request(type) && is_traced(COLLECTOR_LINK))
		link_request_enter(type);
	if (type && !is_qdisc_request(type) && is_traced(COLLECTOR_SYSCTL))
		sysctl_request_enter(type);
	if (is_link_request(type) && is_traced(COLLECTOR_XDP))
		xdp_request_enter();
	if (is_unread(call)) {
		call->request_unread = 1;
		call->collectors |= collectors;
	}
	system_call_entered(call);
}

static __always_inline void netlink_enter(struct netlink_send *send, struct sock *socket)
{
	int protocol = netlink_protocol_of(socket);

	generic_netlink_enter(send, socket, protocol);
	rtnetlink_enter(send, socket, protocol);
}

/* --- write: to sockets, and to files of sysfs and proc ----------------------------------------------- */

/* The collector of the file, as COLLECTOR_BIT(); 0 if there is none. */
static __always_inline __u32 collector_of_file(struct file *file, __u64 magic)
{
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);

	if (is_traced(COLLECTOR_IRQ) && magic == PROC_SUPER_MAGIC && is_irq_file(dentry))
		return COLLECTOR_BIT(COLLECTOR_IRQ);
	if (is_traced(COLLECTOR_LINK) && magic == SYSFS_MAGIC && is_link_file(dentry))
		return COLLECTOR_BIT(COLLECTOR_LINK);
	if (is_traced(COLLECTOR_QUEUES) && magic == SYSFS_MAGIC && is_queue_file(dentry))
		return COLLECTOR_BIT(COLLECTOR_QUEUES);
	return 0;
}

static __always_inline void file_write_enter(const struct netlink_send *text, struct file *file, __u64 magic)
{
	__u32 collector = collector_of_file(file, magic);
	struct system_call *call;

	if (!collector || !(BPF_CORE_READ(file, f_mode) & MODE_WRITE))
		return;
	call = system_call_begin(collector);
	if (!call)
		return;
	call->file = file;
	read_text_place(call, text);
	if (call->size && collector == COLLECTOR_BIT(COLLECTOR_IRQ))
		irq_write_enter();
	if (call->size && collector == COLLECTOR_BIT(COLLECTOR_LINK))
		link_write_enter();
	if (call->size && collector == COLLECTOR_BIT(COLLECTOR_QUEUES))
		queues_write_enter();
	system_call_entered(call);
}

/* How the arguments describe what is written; 0 for sendfile() and splice(), which copy. */
static __always_inline enum send_form form_of(__u32 number)
{
	switch (number) {
	case NUMBER_WRITEV:
	case NUMBER_PWRITEV:
	case NUMBER_PWRITEV2:
		return SEND_VECTOR;
	case NUMBER_SENDMSG:
		return SEND_MESSAGE;
	case NUMBER_SENDMMSG:
		return SEND_MESSAGES;
	case NUMBER_SENDFILE:
	case NUMBER_SPLICE:
		return 0;
	}
	return SEND_BUFFER;
}

/* An argument that not all of these calls have. A load would be beyond the context of the others, and the
 * kernel would refuse to attach. */
static __always_inline __u64 late_argument(const struct syscall_enter *ctx, int index)
{
	__u64 argument = 0;

	bpf_probe_read_kernel(&argument, sizeof(argument), &ctx->arguments[index]);
	return argument;
}

/* sendfile(to, from, offset, size), splice(from, offset, to, offset, size, flags). The text comes from a file
 * or pipe, so only the kernel's value tells what was written. */
static __always_inline void copy_enter(const struct syscall_enter *ctx)
{
	bool splice = (__u32)ctx->number == NUMBER_SPLICE;
	__u64 first = ctx->arguments[0], second = ctx->arguments[1], third = ctx->arguments[2];
	struct netlink_send nothing = {.form = SEND_BUFFER};
	struct file *to;

	/* Otherwise clang computes addresses in the context, which older verifiers refuse. */
	barrier_var(first);
	barrier_var(second);
	barrier_var(third);
	to = file_of((__u32)(splice ? third : first));
	if (magic_of(to) != SYSFS_MAGIC ||
	    !can_copy(file_of((__u32)(splice ? first : second)), to, splice ? MODE_PIPE : MODE_FILE))
		return;
	nothing.count = late_argument(ctx, splice ? 4 : 3);
	file_write_enter(&nothing, to, SYSFS_MAGIC);
}

/*
 * Of all calls that write to a descriptor. One program for all, because most of its code is the same. For
 * sendto(), reads the memory first: in one read, it rules out more calls than the socket does.
 */
SEC("tracepoint")
int sys_enter_write(struct syscall_enter *ctx)
{
	struct netlink_send send = {.memory = ctx->arguments[1], .count = ctx->arguments[2]};
	__u32 number = ctx->number;
	struct file *file;
	__u64 magic;

	send.form = form_of(number);
	if (!send.form) {
		copy_enter(ctx);
		return 0;
	}
	if (number == NUMBER_SENDTO) {
		if (!may_be_request((const void *)send.memory, send.count))
			return 0;
		send.to = late_argument(ctx, 4);
	}
	if (send.form == SEND_MESSAGE)
		send.count = 1;
	file = file_of((__u32)ctx->arguments[0]);
	magic = magic_of(file);
	if (magic == SOCKFS_MAGIC)
		netlink_enter(&send, socket_of_file(file));
	else if (magic == SYSFS_MAGIC || magic == PROC_SUPER_MAGIC)
		file_write_enter(&send, file, magic);
	return 0;
}

/* --- bpf --------------------------------------------------------------------------------------------- */

SEC("tracepoint")
int sys_enter_bpf(struct syscall_enter *ctx)
{
	__u32 command = (__u32)ctx->arguments[0];
	struct system_call *call;

	if (!is_traced(COLLECTOR_XDP) || !is_bpf_link_command(command))
		return 0;
	call = system_call_begin(COLLECTOR_BIT(COLLECTOR_XDP));
	if (!call)
		return 0;
	xdp_bpf_enter(call, command, (const void *)ctx->arguments[1], (__u32)ctx->arguments[2]);
	system_call_entered(call);
	return 0;
}

/* --- writes to sysctls, by any system call ----------------------------------------------------------- */

SEC("cgroup/sysctl")
int cgroup_sysctl(struct bpf_sysctl *ctx)
{
	struct system_call *call;

	if (!is_traced(COLLECTOR_SYSCTL) || !ctx->write || !sysctl_write_begin(ctx))
		return 1;
	call = system_call_begin(COLLECTOR_BIT(COLLECTOR_SYSCTL));
	if (call)
		call->collectors = COLLECTOR_BIT(COLLECTOR_SYSCTL);
	else
		sysctl_call_end();
	return 1;
}

/* --- sysctls that may not be opened ------------------------------------------------------------------- */

SEC("tracepoint")
int sys_exit_open(struct syscall_exit *ctx)
{
	if (ctx->result == -EACCES && is_traced(COLLECTOR_SYSCTL))
		refused_open(ctx->number, (int)ctx->result);
	return 0;
}

/* --- the exit ---------------------------------------------------------------------------------------- */

static __always_inline bool has_call_of(const struct system_call *call, enum collector collector)
{
	return is_traced(collector) && call->collectors & COLLECTOR_BIT(collector);
}

SEC("tracepoint")
int sys_exit(struct syscall_exit *ctx)
{
	struct system_call *call = calls_in_flight ? system_call_find() : NULL;

	if (!call)
		return 0;
	if (call->request_unread && ctx->result > 0)
		count_unread_request();
	if (has_call_of(call, COLLECTOR_ETHTOOL))
		ethtool_leave(ctx->result);
	if (has_call_of(call, COLLECTOR_IRQ)) {
		if (ctx->result >= 0)
			read_written_mask();
		irq_write_leave((int)ctx->result);
	}
	if (has_call_of(call, COLLECTOR_LINK))
		link_settings_leave(call, ctx->result);
	if (has_call_of(call, COLLECTOR_QUEUES))
		queues_write_leave((int)ctx->result);
	if (has_call_of(call, COLLECTOR_SYSCTL) && (__u32)ctx->number == NUMBER_IO_SUBMIT)
		sysctl_write_lost();
	else if (has_call_of(call, COLLECTOR_SYSCTL) && call->send.form)
		sysctl_netlink_leave(ctx->result, answer_of_call(ctx->result));
	else if (has_call_of(call, COLLECTOR_SYSCTL))
		sysctl_write_leave((int)ctx->result);
	if (has_call_of(call, COLLECTOR_XDP))
		xdp_leave(ctx->result);
	system_call_end();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
