/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Settings of links as system calls: ioctl() on a socket, writes to files of sysfs, and requests on a netlink
 * socket (link_request.bpf.h). Part of link.bpf.c, whose functions read and count them; for kernels where its
 * functions cannot be looked at.
 *
 * What the kernel sets of other devices within such a call (a bond's ports) is not seen.
 */
#ifndef NETCHANGE_SYSCALL_LINK_BPF_H
#define NETCHANGE_SYSCALL_LINK_BPF_H

#include <linux/errno.h>
#include <linux/sockios.h>

#include "bpf/link.bpf.h"
#include "bpf/syscall/file_write.bpf.h"
#include "bpf/syscall/link_request.bpf.h"
#include "bpf/lib/result.bpf.h"

#define NO_SETTING (-1)
#define AF_INET    2 /* linux/socket.h has it for the kernel only */

/* --- int ioctl(descriptor, request, struct ifreq *) -------------------------------------------------- */

struct user_ifreq {
	char name[IFNAME_SIZE];
	union {
		__s32 number;
		__u16 flags;
		char new_name[IFNAME_SIZE];
		struct {
			__u16 family;
			unsigned char data[22];
		} address;
	};
};

static __always_inline int setting_of_ioctl(__u32 request)
{
	switch (request) {
	case SIOCSIFMTU:
		return LINK_MTU;
	case SIOCSIFFLAGS:
		return LINK_FLAGS;
	case SIOCSIFHWADDR:
		return LINK_ADDRESS;
	case SIOCSIFTXQLEN:
		return LINK_TX_QUEUE_LEN;
	case SIOCSIFNAME:
		return LINK_NAME;
	}
	return NO_SETTING;
}

static __always_inline void read_wanted(struct link_call *call, int setting, const struct user_ifreq *ifreq)
{
	struct setting_value *wanted = &call->write.written;

	if (setting == LINK_FLAGS)
		set_integer(wanted, ifreq->flags);
	else if (setting == LINK_ADDRESS)
		set_address(wanted, call->dev, ifreq->address.data);
	else if (setting == LINK_NAME)
		set_name(wanted, ifreq->new_name, IFNAME_SIZE);
	else
		set_integer(wanted, ifreq->number);
}

/* A device that cannot be found has the name that was asked for, and its values are not known. */
static __always_inline void begin_ioctl(struct link_scratch *scratch, int setting, struct sock *socket,
					const void *user_ifreq)
{
	struct user_ifreq ifreq = {};
	struct link_call *call;
	struct net_device *dev;
	bool alias;

	if (bpf_probe_read_user(&ifreq, sizeof(ifreq), user_ifreq)) {
		count_lost_update(COLLECTOR_LINK);
		return;
	}
	alias = read_ioctl_name(&scratch->name, ifreq.name);
	if (setting == LINK_FLAGS && alias && BPF_CORE_READ(socket, __sk_common.skc_family) == AF_INET)
		return; /* of an address, not of the device */
	if (setting == LINK_TX_QUEUE_LEN && ifreq.number < 0)
		return; /* refused before it comes to the device, as by function tracing */
	dev = find_device_by_name(namespace_of(socket), &scratch->name, &scratch->other);
	call = setting_begin(setting, dev);
	if (!call)
		return;
	if (!dev) {
		__builtin_memcpy(call->write.key.device.name, scratch->name.text, IFNAME_SIZE);
		read_netns(&call->write.key.device, namespace_of(socket));
	}
	read_wanted(call, setting, &ifreq);
}

static __always_inline void ioctl_enter_link(const __u64 *arguments)
{
	int setting = setting_of_ioctl((__u32)arguments[1]);
	struct link_scratch *scratch;
	struct sock *socket;

	if (setting == NO_SETTING)
		return;
	socket = socket_of((__u32)arguments[0]);
	if (!socket)
		return;
	scratch = scratch_get(COLLECTOR_LINK, &link_scratch, &link_scratch_zero);
	if (!scratch)
		return;
	begin_ioctl(scratch, setting, socket, (const void *)arguments[2]);
	scratch_put(&link_scratch);
}

SYSTEM_CALL_ENTER(ioctl, ioctl_enter_link)

/* --- writes to <sysfs>/…/net/<device>/<setting> ------------------------------------------------------ */

static __always_inline int setting_of_file(const char *name)
{
	if (same_bytes(name, "mtu", sizeof("mtu")))
		return LINK_MTU;
	if (same_bytes(name, "flags", sizeof("flags")))
		return LINK_FLAGS;
	if (same_bytes(name, "tx_queue_len", sizeof("tx_queue_len")))
		return LINK_TX_QUEUE_LEN;
	return NO_SETTING;
}

static __always_inline void file_write_enter(struct file_write *file_write)
{
	struct link_call *call;
	int setting;

	if (!is_write_to(file_write, LENGTH_OF("mtu") | LENGTH_OF("flags") | LENGTH_OF("tx_queue_len")) ||
	    !is_file_of(file_write, SYSFS_MAGIC, "net", sizeof("net")))
		return;
	setting = setting_of_file(file_write->name);
	if (setting == NO_SETTING)
		return;
	call = setting_begin(setting, kobject_of(file_write->dentry) -
					      bpf_core_field_offset(struct net_device, dev.kobj));
	if (!call)
		return;
	call->text = (const void *)file_write->text;
	call->text_size = (__u32)file_write->size;
}

FILE_WRITES(file_write_enter)

/* --- the exit of any of them ------------------------------------------------------------------------- */

/* What came of the settings before this one of the same request. */
#define LEFT_REFUSED 1
#define LEFT_RENAMED 2

/* Whether it is one that function tracing sees: the rest is refused before it comes to the device. */
static __always_inline bool is_attempt(struct link_scratch *scratch, struct link_call *call,
				       enum link_setting setting, int result)
{
	if (result == -EPERM || is_restart(result))
		return false;
	if (call->dev || setting == LINK_QDISC)
		return true;
	if (call->send.socket)
		return result >= 0 && find_made(scratch, call);
	return result != -ENODEV;
}

__noinline int leave_setting(__u32 setting, int returned, int left)
{
	struct link_scratch *scratch = link_scratch_find();
	struct link_call *call = link_call_find(setting);
	int result = returned;

	if (!call || !scratch)
		return left;
	if (call->send.socket && returned > 0)
		result = answer_of(&scratch->request, &call->message_header, &call->send);
	if (left & LEFT_REFUSED || (call->send.socket && returned <= 0) ||
	    !is_attempt(scratch, call, setting, result)) {
		link_call_end(setting);
		call_ended();
		return left;
	}
	if (call->send.socket)
		result = result_of_setting(setting, call, result);
	else if (call->text)
		set_text(&call->write.written, call->text, call->text_size, USER_MEMORY);
	if (left & LEFT_RENAMED)
		read_device(&call->write.key.device, call->dev);
	link_leave(setting, result);
	call_ended();
	if (result < 0)
		return left | LEFT_REFUSED;
	return setting == LINK_NAME ? left | LEFT_RENAMED : left;
}

/* In the order of the kernel's do_setlink(). */
static __always_inline void leave_settings(__s64 returned)
{
	int left = 0;

	if (!inflight_at(&link_calls, 0) || !scratch_get(COLLECTOR_LINK, &link_scratch, &link_scratch_zero))
		return;
	left = leave_setting(LINK_ADDRESS, (int)returned, left);
	left = leave_setting(LINK_MTU, (int)returned, left);
	left = leave_setting(LINK_NAME, (int)returned, left);
	left = leave_setting(LINK_FLAGS, (int)returned, left);
	left = leave_setting(LINK_TX_QUEUE_LEN, (int)returned, left);
	leave_setting(LINK_QDISC, (int)returned, left);
	scratch_put(&link_scratch);
}

SYSTEM_CALLS_EXIT(leave_settings)

#endif
