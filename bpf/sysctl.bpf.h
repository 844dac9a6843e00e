/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Writes to sysctls: names, values, maps and counting (sysctl.bpf.c, syscall/sysctl.bpf.h). */
#ifndef NETCHANGE_SYSCTL_BPF_H
#define NETCHANGE_SYSCTL_BPF_H

#include "bpf/abi/sysctl.h"
#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/config_write.bpf.h"
#include "bpf/lib/device.bpf.h"
#include "bpf/lib/inflight.bpf.h"
#include "bpf/lib/kernel_types.h"
#include "bpf/lib/text.bpf.h"

#define MAX_PARTS 8  /* parts of a name; the longest known name has 5: net.ipv4.conf.eth0.forwarding */
#define PART_SIZE 64 /* bytes of a part with its NUL; the longest known part has 43 characters */

#define STORAGE_SIZE SETTING_VALUE_SIZE

/* A name that is built part by part. Beyond SETTING_SIZE bytes only the hash distinguishes names. */
struct dotted_name {
	char text[SETTING_SIZE + PART_SIZE];
	__u32 size; /* of the whole name with its NUL; may exceed the stored name */
	__u32 hash;
};

/* A task makes one such call at a time, so it has one record. A new call replaces a record that was left
 * behind. */
enum sysctl_call_kind { SYSCTL_WRITE = 1, SYSCTL_OPEN = 2 };

struct sysctl_call {
	struct call_head head;
	struct config_write write;
	__u8 kind;               /* enum sysctl_call_kind */
	__u8 storage;            /* enum sysctl_storage */
	__u8 text_memory;        /* enum value_memory */
	__u32 data_size;         /* bytes at `data` */
	__u32 text_size;         /* bytes at `text` */
	const void *data;        /* address of the kernel's value; NULL: unknown */
	const void *text;        /* written text; NULL: in several pieces */
	struct proc_inode *file; /* the opened file */
	struct dotted_name name; /* scratch memory */
};

CONFIG_MAPS(sysctl);
INFLIGHT_MAP(sysctl_calls, struct sysctl_call);
CONFIG_STEPS(sysctl, COLLECTOR_SYSCTL, struct sysctl_call)

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SYSCTL_HANDLERS);
	__type(key, __u64);
	__type(value, __u32); /* enum sysctl_storage */
} sysctl_handlers SEC(".maps");

/* --- names ---------------------------------------------------------------------------------------------- */

/* Adds a part to the name in the task's record; 0 instead of a device's name. A global function, so that the
 * verifier checks it once, not once for each part. */
__noinline int append_part(__u64 part)
{
	struct sysctl_call *call = is_traced(COLLECTOR_SYSCTL) ? inflight_find(&sysctl_calls) : NULL;
	__u64 letters[PART_SIZE / 8] = {'*'}, hash, at, end;
	struct dotted_name *name;
	long size = sizeof("*");

	if (!call)
		return 0;
	name = &call->name;
	at = name->size;
	hash = name->hash;
	if (part)
		size = bpf_probe_read_kernel_str(letters, sizeof(letters), (const void *)part);
	if (size <= 0)
		return 0;
	for (int i = 0; i < PART_SIZE / 8; i++)
		hash = hash_word(hash, letters[i]);
	name->hash = hash ^ (hash >> 32);
	name->size = at + size;
	end = at - 1; /* a huge number before the first part */
	barrier_var(end);
	if (end < SETTING_SIZE)
		name->text[end] = '.';
	if (at < SETTING_SIZE)
		bpf_probe_read_kernel(&name->text[at], PART_SIZE, letters);
	return 0;
}

/* A name that is too long ends with a hash, so that two names with the same beginning stay different. */
static __always_inline void copy_name(char *setting, const struct dotted_name *name)
{
	const int digits = 8, at = SETTING_SIZE - 1 - digits;

	bpf_probe_read_kernel(setting, SETTING_SIZE, name->text);
	if (name->size <= SETTING_SIZE)
		return;
	setting[at - 1] = '~';
	for (int i = 0; i < digits; i++) {
		__u64 digit = (name->hash >> (28 - 4 * i)) & 15, is_letter = (9 - digit) >> 63;

		setting[at + i] = '0' + digit + is_letter * ('a' - '0' - 10);
	}
	setting[SETTING_SIZE - 1] = '\0';
}

/* net.<protocol>.conf.<device>.<key> and net.<protocol>.neigh.<device>.<key> */
static __always_inline bool has_device(const char *const *parts)
{
	char group[8] = {};

	if (!parts[4] || parts[5])
		return false;
	bpf_probe_read_kernel_str(group, sizeof(group), parts[2]);
	return same_bytes(group, "conf", sizeof("conf")) || same_bytes(group, "neigh", sizeof("neigh"));
}

/* Reads the parts of the name, last one first, from the kernel's own tables. False if it is not below net. */
static __always_inline bool read_parts(const char **parts, struct ctl_table_header *header,
				       struct ctl_table *table)
{
	struct ctl_dir *dir = BPF_CORE_READ(header, parent);
	char top[4] = {};

	parts[0] = BPF_CORE_READ(table, procname);
	_Pragma("unroll") for (int i = 1; i < MAX_PARTS; i++)
	{
		struct ctl_dir *parent = BPF_CORE_READ(dir, header.parent);

		if (!parent)
			break; /* the root has no name */
		parts[i] = BPF_CORE_READ(dir, header.ctl_table, procname);
		bpf_probe_read_kernel_str(top, sizeof(top), parts[i]);
		dir = parent;
	}
	return same_bytes(top, "net", sizeof("net"));
}

/* Tables of a namespace are in its own set; all others are in the set of their root. */
static __always_inline void read_netns_of(struct device_ref *device, struct ctl_table_header *header)
{
	struct ctl_table_set *set = BPF_CORE_READ(header, set);
	void *root = BPF_CORE_READ(header, root);

	if ((void *)set == root + bpf_core_field_offset(struct ctl_table_root, default_set))
		device->netns = NETNS_MACHINE;
	else
		read_netns(device, (void *)set - bpf_core_field_offset(struct net, sysctls));
}

/* False if it is not below net, or is being removed (the table's memory may be gone already). */
static __always_inline bool read_key(struct sysctl_call *call, struct ctl_table_header *header,
				     struct ctl_table *table)
{
	struct config_write_key *key = &call->write.key;
	const char *parts[MAX_PARTS] = {};
	bool device;

	if (!table || BPF_CORE_READ(header, unregistering) || !read_parts(parts, header, table))
		return false;
	device = has_device(parts);
	_Pragma("unroll") for (int i = MAX_PARTS - 1; i >= 0; i--)
	{
		if (!parts[i])
			continue;
		append_part(i == 1 && device ? 0 : (__u64)parts[i]);
	}
	copy_name(key->setting, &call->name);
	if (device)
		read_device_name(&key->device, parts[1]);
	read_netns_of(&key->device, header);
	key->kind = CONFIG_KIND_SYSCTL;
	return true;
}

/* --- values --------------------------------------------------------------------------------------------- */

/* Selects how to read the value at the entry and at the exit. Values of unknown handlers are not read. */
static __always_inline void find_storage(struct sysctl_call *call, struct ctl_table *table)
{
	__u64 handler = (__u64)BPF_CORE_READ(table, proc_handler);
	const __u32 *storage = bpf_map_lookup_elem(&sysctl_handlers, &handler);
	int size = BPF_CORE_READ(table, maxlen);

	if (!storage)
		return;
	call->storage = *storage;
	call->data_size = *storage == STORAGE_POINTER ? sizeof(void *) : size;
	if (size > 0 && size <= STORAGE_SIZE)
		call->data = BPF_CORE_READ(table, data);
}

static __always_inline void read_text(struct setting_value *value, const struct sysctl_call *call)
{
	__u64 letters[SETTING_VALUE_WORDS] = {};
	__u64 most = call->data_size;
	long size;

	barrier_var(most);
	if (most > STORAGE_SIZE)
		return;
	size = bpf_probe_read_kernel_str(letters, most, call->data);
	if (size > 0)
		set_chunk(value, VALUE_TEXT, letters, size - 1);
}

static __always_inline void read_storage(struct setting_value *value, const struct sysctl_call *call)
{
	__u32 size = call->data_size, type = call->storage;
	__u64 chunk[SETTING_VALUE_WORDS];

	if (!call->data)
		return;
	if (type == STORAGE_TEXT)
		return read_text(value, call);
	if (!read_chunk(chunk, size, call->data, KERNEL_MEMORY))
		return;
	if (size == 1 && type <= STORAGE_UINTS)
		set_integer(value, (__u8)chunk[0]);
	else if (size == 4 && type == STORAGE_INTS)
		set_integer(value, (__s32)chunk[0]);
	else if (size == 4 && type == STORAGE_UINTS)
		set_integer(value, (__u32)chunk[0]);
	else
		set_chunk(value,
			  type <= STORAGE_UINTS   ? VALUE_INTS
			  : type == STORAGE_LONGS ? VALUE_LONGS
						  : VALUE_OPAQUE,
			  chunk, size);
}

/* --- calls ---------------------------------------------------------------------------------------------- */

static __always_inline struct sysctl_call *sysctl_call_begin(enum sysctl_call_kind kind)
{
	struct sysctl_call *call = inflight_begin(COLLECTOR_SYSCTL, &sysctl_calls, &sysctl_calls_zero);

	if (!call)
		return NULL;
	call->write.start_ns = bpf_ktime_get_boot_ns();
	call->kind = kind;
	return call;
}

static __always_inline struct sysctl_call *sysctl_call_find(enum sysctl_call_kind kind)
{
	struct sysctl_call *call = inflight_find(&sysctl_calls);

	return call && call->kind == kind ? call : NULL;
}

static __always_inline void sysctl_call_end(void)
{
	inflight_end(&sysctl_calls);
}

/* Fills in the key. False if the configuration excludes the sysctl. */
static __always_inline bool name_write(struct sysctl_call *call, struct ctl_table_header *header,
				       struct ctl_table *table)
{
	return read_key(call, header, table) && wants_write(COLLECTOR_SYSCTL, &call->write.key);
}

/* Notes the written bytes: `size` bytes at the file position `position`. */
static __always_inline void note_size(struct sysctl_call *call, __u32 size, __u64 position)
{
	call->text_size = size;
	call->write.no_value = position != 0 || !size;
	call->write.position = size ? position : 0;
}

#endif
