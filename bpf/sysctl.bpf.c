/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to net.ipv4.conf.<device>.* and net.ipv4.ip_forward. Three handlers share them; each is called once
 * per write, also where the write then changes every device, and none calls another.
 */
#include "compat.bpf.h"

#include "config_write.bpf.h"
#include "device.bpf.h"
#include "hook.bpf.h"
#include "kernel_types.h"
#include "result.bpf.h"
#include "text.bpf.h"

#define CONF_PREFIX "net.ipv4.conf.*."
#define IPV4_PREFIX "net.ipv4."
#define IP_FORWARD  "ip_forward"
#define FORWARDING  "forwarding"

CONFIG_WRITES(sysctl, EVENT_SYSCTL, 1)

static __always_inline void read_number(struct datum *datum, const void *from)
{
	int value = 0;

	if (bpf_probe_read_kernel(&value, sizeof(value), from) == 0)
		set_integer(datum, value);
}

/* Behind the prefix, the name of the file as the kernel's table has it. */
static __always_inline void read_setting(char *setting, const char *name, bool ip_forward)
{
	int prefix = ip_forward ? sizeof(IPV4_PREFIX) - 1 : sizeof(CONF_PREFIX) - 1;

	if (ip_forward)
		__builtin_memcpy(setting, IPV4_PREFIX, sizeof(IPV4_PREFIX) - 1);
	else
		__builtin_memcpy(setting, CONF_PREFIX, sizeof(CONF_PREFIX) - 1);
	bpf_probe_read_kernel_str(setting + prefix, SETTING_SIZE - sizeof(CONF_PREFIX) + 1, name);
}

/*
 * Whose setting it is: extra1 is the structure of values, extra2 the namespace. The values of `all` and
 * `default` are the namespace's; the others lie inside a device.
 */
static __always_inline bool read_scope(struct device_ref *device, struct ctl_table *table, bool ip_forward)
{
	void *values = BPF_CORE_READ(table, extra1);
	struct net *net = BPF_CORE_READ(table, extra2);
	bool all = values == BPF_CORE_READ(net, ipv4.devconf_all);

	read_netns(device, net);
	if (all && !ip_forward) {
		__builtin_memcpy(device->name, "all", sizeof("all"));
	} else if (values == BPF_CORE_READ(net, ipv4.devconf_dflt)) {
		__builtin_memcpy(device->name, "default", sizeof("default"));
	} else if (!all) {
		struct in_device *in_device = values - bpf_core_field_offset(struct in_device, cnf);

		read_device_name(device, BPF_CORE_READ(in_device, dev)->name);
	}
	return all;
}

/* int handler(const struct ctl_table *, int write, void *buffer, size_t *, loff_t *), all three */
static __always_inline void handler_enter(const __u64 *arguments)
{
	struct ctl_table *table = (struct ctl_table *)arguments[0];
	char name[32] = {};
	struct config_write *write;
	const char *procname;
	bool ip_forward, all;

	if (!(int)arguments[1])
		return; /* a read */
	write = call_begin(0, 0);
	if (!write)
		return;
	write->start_ns = bpf_ktime_get_boot_ns();
	write->key.kind = CONFIG_KIND_SYSCTL;
	write->written_at = (const void *)arguments[2];
	write->source = BPF_CORE_READ(table, data);

	procname = BPF_CORE_READ(table, procname);
	bpf_probe_read_kernel_str(name, sizeof(name), procname);
	ip_forward = same_bytes(name, IP_FORWARD, sizeof(IP_FORWARD));
	all = read_scope(&write->key.device, table, ip_forward);
	read_setting(write->key.setting, procname, ip_forward);
	write->every_device = all && (ip_forward || same_bytes(name, FORWARDING, sizeof(FORWARDING)));
	bpf_probe_read_kernel(&write->written_size, sizeof(write->written_size), (void *)arguments[3]);
	read_number(&write->old_value, write->source);
}

static __always_inline void handler_leave(int result)
{
	struct config_write *write = call_find(0);

	if (!write)
		return;
	if (!is_restart(result) && wants_write(&write->key)) {
		read_number(&write->new_value, write->source);
		set_text(&write->written, write->written_at, write->written_size, KERNEL_MEMORY);
		record_write(write, result);
	}
	call_end(0);
}

HOOK(devinet_conf_proc, 5, handler_enter, handler_leave)
HOOK(devinet_sysctl_forward, 5, handler_enter, handler_leave)
HOOK(ipv4_doint_and_flush, 5, handler_enter, handler_leave)

#include "sysctl_cgroup.bpf.h"

char LICENSE[] SEC("license") = "GPL";
