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

/* Reads the memory first: in one read, it rules out more calls than the socket does. */
SEC("tracepoint")
int sys_enter_sendto(struct syscall_enter *ctx)
{
	struct netlink_send send = {.memory = ctx->arguments[1],
				    .count = ctx->arguments[2],
				    .to = ctx->arguments[4],
				    .form = SEND_BUFFER};

	if (may_be_request((const void *)send.memory, send.count))
		netlink_enter(&send, socket_of((__u32)ctx->arguments[0]));
	return 0;
}

SEC("tracepoint")
int sys_enter_sendmsg(struct syscall_enter *ctx)
{
	struct netlink_send send = {.memory = ctx->arguments[1], .count = 1, .form = SEND_MESSAGE};

	netlink_enter(&send, socket_of((__u32)ctx->arguments[0]));
	return 0;
}

SEC("tracepoint")
int sys_enter_sendmmsg(struct syscall_enter *ctx)
{
	struct netlink_send send = {
		.memory = ctx->arguments[1], .count = ctx->arguments[2], .form = SEND_MESSAGES};
	struct sock *socket = socket_of((__u32)ctx->arguments[0]);

	netlink_enter(&send, socket);
	return 0;
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

static __always_inline void file_write_enter(const __u64 *arguments, enum send_form form, struct file *file,
					     __u64 magic)
{
	__u32 collector = collector_of_file(file, magic);
	struct system_call *call;

	if (!collector || !(BPF_CORE_READ(file, f_mode) & MODE_WRITE))
		return;
	call = system_call_begin(collector);
	if (!call)
		return;
	call->file = file;
	read_text_place(call, arguments, form);
	if (call->size && collector == COLLECTOR_BIT(COLLECTOR_IRQ))
		irq_write_enter();
	if (call->size && collector == COLLECTOR_BIT(COLLECTOR_LINK))
		link_write_enter();
	if (call->size && collector == COLLECTOR_BIT(COLLECTOR_QUEUES))
		queues_write_enter();
	system_call_entered(call);
}

static __always_inline void write_enter(const __u64 *arguments, enum send_form form)
{
	struct netlink_send send = {.memory = arguments[1], .count = arguments[2], .form = form};
	struct file *file = file_of((__u32)arguments[0]);
	__u64 magic = magic_of(file);
	struct sock *socket;

	if (magic == SOCKFS_MAGIC) {
		socket = socket_of_file(file);
		netlink_enter(&send, socket);
	} else if (magic == SYSFS_MAGIC || magic == PROC_SUPER_MAGIC) {
		file_write_enter(arguments, form, file, magic);
	}
}

/* Of write() and pwrite64(). */
SEC("tracepoint")
int sys_enter_write(struct syscall_enter *ctx)
{
	write_enter(ctx->arguments, SEND_BUFFER);
	return 0;
}

/* Of writev(), pwritev() and pwritev2(). */
SEC("tracepoint")
int sys_enter_writev(struct syscall_enter *ctx)
{
	write_enter(ctx->arguments, SEND_VECTOR);
	return 0;
}

/* The text comes from a file or pipe, so only the kernel's value tells what was written. */
static __always_inline void copy_enter(__u32 from, __u32 to, __u64 size, __u32 type)
{
	const __u64 arguments[] = {to, 0, size};
	struct file *file = file_of(to);

	if (magic_of(file) == SYSFS_MAGIC && can_copy(file_of(from), file, type))
		file_write_enter(arguments, SEND_BUFFER, file, SYSFS_MAGIC);
}

/* Of sendfile(to, from, offset, size), and of splice(from, offset, to, offset, size, flags). */
SEC("tracepoint")
int sys_enter_sendfile64(struct syscall_enter *ctx)
{
	bool splice = (__u32)ctx->number == NUMBER_SPLICE;
	__u64 first = ctx->arguments[0], second = ctx->arguments[1], third = ctx->arguments[2];
	__u64 fourth = ctx->arguments[3], fifth = 0;

	/* Otherwise clang computes addresses in the context, which older verifiers refuse. */
	barrier_var(first);
	barrier_var(second);
	barrier_var(third);
	barrier_var(fourth);
	/* A load would be beyond the context of sendfile(), and the kernel would refuse to attach. */
	if (splice)
		bpf_probe_read_kernel(&fifth, sizeof(fifth), &ctx->arguments[4]);
	copy_enter(splice ? first : second, splice ? third : first, splice ? fifth : fourth,
		   splice ? MODE_PIPE : MODE_FILE);
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
		sysctl_netlink_leave(ctx->result, rtnetlink_answer(ctx->result));
	else if (has_call_of(call, COLLECTOR_SYSCTL))
		sysctl_write_leave((int)ctx->result);
	if (has_call_of(call, COLLECTOR_XDP))
		xdp_leave(ctx->result);
	system_call_end();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
