/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Settings of links: ioctl() on a socket, writes to sysfs files, and requests on a netlink socket
 * (link_request.bpf.h). What the kernel sets on other devices within such a call (ports of a bond) is not
 * traced.
 */
#ifndef NETCHANGE_SYSCALL_LINK_BPF_H
#define NETCHANGE_SYSCALL_LINK_BPF_H

#include <linux/errno.h>
#include <linux/sockios.h>

#include "bpf/lib/result.bpf.h"
#include "bpf/link.bpf.h"
#include "bpf/syscall/device_lookup.bpf.h"
#include "bpf/syscall/file_write.bpf.h"
#include "bpf/syscall/ioctl.bpf.h"
#include "bpf/syscall/link_request.bpf.h"

#define NO_SETTING (-1)
#define AF_INET    2 /* linux/socket.h defines it for the kernel only */

/* --- ioctl ------------------------------------------------------------------------------------------- */

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

/* If the device cannot be found, the key has the requested name, and the values are unknown. */
__noinline int link_ioctl_enter(__u32 setting)
{
	struct system_call *system_call = system_call_find();
	struct user_ifreq ifreq = {};
	struct link_call *call;
	struct sock *socket;
	bool alias;

	if (!is_traced(COLLECTOR_LINK) || !system_call)
		return 0;
	if (!read_ifreq(&ifreq, system_call)) {
		count_lost_update(COLLECTOR_LINK);
		return 0;
	}
	socket = system_call->send.socket;
	alias = read_ioctl_name(&system_call->name, ifreq.name);
	if (setting == LINK_FLAGS && alias && BPF_CORE_READ(socket, __sk_common.skc_family) == AF_INET)
		return 0; /* changes an IP address, not the device */
	if (setting == LINK_TX_QUEUE_LEN && ifreq.number < 0)
		return 0; /* refused before the setter is reached */
	system_call->dev = find_device_by_name(namespace_of(socket), &system_call->name);
	call = setting_begin(system_call, setting);
	if (!call)
		return 0;
	if (!system_call->dev)
		name_missing_device(system_call, call);
	read_wanted(call, setting, &ifreq);
	return 0;
}

/* --- writes to <sysfs>/…/net/<device>/<setting> ------------------------------------------------------ */

static __always_inline bool is_link_file(struct dentry *dentry)
{
	return has_length(dentry, LENGTH_BIT("mtu") | LENGTH_BIT("flags") | LENGTH_BIT("tx_queue_len")) &&
	       is_below(dentry, "net", sizeof("net"));
}

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

__noinline int link_write_enter(void)
{
	struct system_call *system_call = system_call_find();
	const char *name;
	int setting;

	if (!is_traced(COLLECTOR_LINK) || !system_call)
		return 0;
	name = read_file_name(system_call);
	setting = setting_of_file(name);
	if (setting == NO_SETTING)
		return 0;
	system_call->dev = kobject_of(system_call->file) - bpf_core_field_offset(struct net_device, dev.kobj);
	setting_begin(system_call, setting);
	return 0;
}

/* --- the exit of any of them ------------------------------------------------------------------------- */

/* What happened to earlier settings of the same request. */
#define LEFT_REFUSED 1
#define LEFT_RENAMED 2

/* False for calls that are refused before they reach the setter. Function tracing does not count them
 * either. */
static __always_inline bool is_link_attempt(struct system_call *system_call, struct link_call *call,
					    enum link_setting setting, int result)
{
	if (result == -EPERM || is_restart(result))
		return false;
	/* The device was deleted while the file was open, or sendfile() found nothing more to write. */
	if (system_call->file && (result == -ENODEV || !result))
		return false;
	if (call->dev || setting == LINK_QDISC)
		return true;
	if (system_call->send.form)
		return result >= 0 && find_made(system_call, call);
	return result != -ENODEV;
}

/* `returned`: by the system call. `answer`: the kernel's answer to a netlink request; otherwise the same as
 * `returned`. */
__noinline int leave_setting(__u32 setting, __s64 returned, int answer, int left)
{
	struct system_call *system_call = system_call_find();
	struct link_call *call;
	int result = answer;
	bool is_netlink;

	if (!is_traced(COLLECTOR_LINK) || !system_call)
		return left;
	call = link_call_find(setting);
	if (!call)
		return left;
	is_netlink = system_call->send.form;
	if (left & LEFT_REFUSED || (is_netlink && returned <= 0) ||
	    !is_link_attempt(system_call, call, setting, result)) {
		link_call_end(setting);
		return left;
	}
	if (is_netlink)
		result = result_of_setting(setting, call, result);
	else if (system_call->file && system_call->memory)
		set_text(&call->write.written, system_call->memory, system_call->size, USER_MEMORY);
	if (left & LEFT_RENAMED)
		read_device(&call->write.key.device, call->dev);
	link_leave(setting, result);
	if (result < 0)
		return left | LEFT_REFUSED;
	return setting == LINK_NAME ? left | LEFT_RENAMED : left;
}

/* In the order of the kernel's do_setlink(). */
static __always_inline void link_settings_leave(const struct system_call *call, __s64 returned)
{
	int answer = call->send.form ? answer_of_call(returned) : (int)returned;
	int left = 0;

	left = leave_setting(LINK_ADDRESS, returned, answer, left);
	left = leave_setting(LINK_MTU, returned, answer, left);
	left = leave_setting(LINK_NAME, returned, answer, left);
	left = leave_setting(LINK_FLAGS, returned, answer, left);
	left = leave_setting(LINK_TX_QUEUE_LEN, returned, answer, left);
	leave_setting(LINK_QDISC, returned, answer, left);
}

#endif
