/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to sysctls below net, for kernels where no function can be looked at: a program on the root of the
 * cgroup hierarchy sees each write before its handler does, with the texts of the value before and of what is
 * written; the exit of the system call tells the result. Part of sysctl.bpf.c.
 *
 * Where it knows less than function tracing: values are compared as texts, the namespace is that of the task,
 * and a write that is refused before its handler is called (by rights, or unreadable memory) is not seen.
 */
#ifndef NETCHANGE_SYSCTL_CGROUP_BPF_H
#define NETCHANGE_SYSCTL_CGROUP_BPF_H

#include <linux/errno.h>

#include "syscall.bpf.h"

#define NAME_BYTES 128 /* of "net/ipv4/conf/eth0/forwarding" */
#define GROUP_AT   9   /* "conf/" or "neigh/" in it: the names of protocols with devices have four letters */

/*
 * A text that is in datum->bytes, which its helper gave `size` for. White space becomes one blank, as the
 * kernel's own parsers take any. `cursor` is memory of a map, which the verifier knows nothing of: of an
 * index of its own it would look at every value in every place.
 */
static __always_inline void set_copied_text(struct datum *datum, long size, __u32 *cursor)
{
	bool space = false, begun = false;
	__u64 chunk[DATUM_WORDS];

	if (size < 0 && size != -E2BIG)
		return;
	*cursor = 0;
	for (int i = 0; i < DATUM_SIZE; i++) {
		char c = datum->bytes[i];

		datum->bytes[i] = 0;
		if (is_space(c)) {
			space = begun;
			continue;
		}
		if (space)
			datum->bytes[(*cursor)++ & (DATUM_SIZE - 1)] = ' ';
		datum->bytes[(*cursor)++ & (DATUM_SIZE - 1)] = c;
		begun = true;
		space = false;
	}
	__builtin_memcpy(chunk, datum->bytes, sizeof(chunk));
	set_chunk(datum, DATUM_TEXT, chunk, *cursor);
	datum->unread = size == -E2BIG;
}

/* Where the device begins in net/<protocol>/conf/<device>/<key> and net/<protocol>/neigh/<device>/<key>, or
 * 0. */
static __always_inline int device_at(const char *name)
{
	if (name[GROUP_AT - 1] != '/')
		return 0;
	if (same_bytes(name + GROUP_AT, "conf/", 5))
		return GROUP_AT + 5;
	return same_bytes(name + GROUP_AT, "neigh/", 6) ? GROUP_AT + 6 : 0;
}

/* A setting's name is the path with dots, and a star for a device. `base` is the last part of `name`. */
static __always_inline void read_name(struct config_write_key *key, char *name, __u32 size, const char *base,
				      __u32 base_size)
{
	int at = device_at(name);

	if (at) {
		__u32 letters = size - base_size - 1 - at;

		barrier_var(letters); /* else clang drops the mask, which the verifier wants to see */
		bpf_probe_read_kernel(key->device.name, letters & (IFNAME_SIZE - 1), name + at);
		name[at] = '*';
		name[at + 1] = '.';
		bpf_probe_read_kernel_str(name + at + 2, SETTING_SIZE, base);
	}
	for (int i = 0; i < SETTING_SIZE - 1; i++)
		key->setting[i] = name[i] == '/' ? '.' : name[i];
}

static __always_inline bool is_for_every_device(const struct config_write_key *key)
{
	return same_bytes(key->setting, IPV4_PREFIX IP_FORWARD, sizeof(IPV4_PREFIX IP_FORWARD)) ||
	       (same_bytes(key->setting, CONF_PREFIX FORWARDING, sizeof(CONF_PREFIX FORWARDING)) &&
		same_bytes(key->device.name, "all", sizeof("all")));
}

SEC("cgroup/sysctl")
int cgroup_sysctl_enter(struct bpf_sysctl *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	char name[NAME_BYTES] = {}, base[SETTING_SIZE] = {};
	struct config_write *write;
	long size, base_size;

	if (!ctx->write)
		return 1;
	size = bpf_sysctl_get_name(ctx, name, sizeof(name), 0);
	if (!same_bytes(name, "net/", 4))
		return 1;
	base_size = bpf_sysctl_get_name(ctx, base, sizeof(base), BPF_F_SYSCTL_BASE_NAME);
	write = call_begin(0, 0);
	if (!write)
		return 1;
	call_began();
	write->start_ns = bpf_ktime_get_boot_ns();
	write->key.kind = CONFIG_KIND_SYSCTL;
	read_name(&write->key, name, size, base, base_size);
	write->no_value = ctx->file_pos != 0; /* which the handlers of numbers ignore */
	write->every_device = is_for_every_device(&write->key);
	read_netns(&write->key.device, BPF_CORE_READ(task, nsproxy, net_ns));
	size = bpf_sysctl_get_current_value(ctx, (char *)write->old_value.bytes, DATUM_SIZE);
	set_copied_text(&write->old_value, size, &write->written_size);
	size = bpf_sysctl_get_new_value(ctx, (char *)write->written.bytes, DATUM_SIZE);
	set_copied_text(&write->written, size, &write->written_size);
	return 1;
}

static __always_inline void write_leave(__s64 result)
{
	struct config_write *write = call_find(0);

	if (!write)
		return;
	if (!is_restart((int)result) && wants_write(&write->key)) {
		write->new_value = result < 0 || write->no_value ? write->old_value : write->written;
		record_write(write, (int)result);
	}
	call_end(0);
	call_ended();
}

SYSTEM_CALLS_EXIT(write_leave)

#endif
