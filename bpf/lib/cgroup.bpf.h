/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The cgroup of the current task: its path, and the systemd unit in it. A cgroup is read once, and then found
 * in the map `cgroups` by its id, which the kernel never uses twice.
 */
#ifndef NETCHANGE_CGROUP_BPF_H
#define NETCHANGE_CGROUP_BPF_H

#include "bpf/abi/cgroup.h"
#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/kernel_types.h"
#include "bpf/lib/path.bpf.h"

#define CGROUP_DEPTH    16
#define HIERARCHIES     16 /* v1 has at most 13 controllers, each with its own */
#define CONTAINER_ID    64 /* hexadecimal digits */
#define CGROUP_READINGS 64 /* at a time */

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, CGROUPS);
	__type(key, __u64);
	__type(value, struct cgroup_names);
} cgroups SEC(".maps");

/* Memory for reading a cgroup, by task, because a task can be preempted while it reads. */
struct cgroup_reading {
	struct cgroup_names names;
	__u64 unit; /* address of the name of the topmost service or scope */
	__u8 is_service;
	__u8 in_container;
	__u8 reserved[6];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CGROUP_READINGS);
	__type(key, __u64);
	__type(value, struct cgroup_reading);
} cgroup_readings SEC(".maps");

static const struct cgroup_reading kNoReading;

/* Text as numbers, least significant byte first. */
#define TEXT_SERVICE 0x656369767265732eULL     /* ".service" */
#define TEXT_SCOPE   0x0000000065706f63732eULL /* ".scope" */
#define TEXT_RUN     0x2d6e7572ULL             /* "run-" */
#define TEXT_DBUS    0x3a2d73756264ULL         /* "dbus-:" */
#define TEXT_USER    0x4072657375ULL           /* "user@" */
#define TEXT_LXC     0x6c7961702e63786cULL     /* "lxc.payl", of "lxc.payload.<name>" */
#define TEXT_SYSTEMD 0x00646d6574737973ULL     /* "systemd" */
#define BYTES(n)     ((1ULL << (8 * (n))) - 1)

static __always_inline __u64 eight_bytes_at(__u64 address)
{
	__u64 bytes = 0;

	bpf_probe_read_kernel(&bytes, sizeof(bytes), (const void *)address);
	return bytes;
}

/* True for eight characters out of 0123456789abcdef. All eight are compared at once: their highest bits say
 * which are at least the given character. */
static __always_inline bool is_hexadecimal(__u64 text)
{
	const __u64 each = 0x0101010101010101ULL, high = 0x80 * each;
	__u64 at_least_0 = (text | high) - '0' * each, above_9 = (text | high) - ('9' + 1) * each;
	__u64 at_least_a = (text | high) - 'a' * each, above_f = (text | high) - ('f' + 1) * each;

	return (((at_least_0 & ~above_9) | (at_least_a & ~above_f)) & ~text & high) == high;
}

/* Containers end with their id: "docker-<id>.scope", "cri-containerd-<id>.scope", "<id>". Half of the last
 * digits are compared; other names of this length do not end like that. */
static __always_inline bool is_container(__u64 name, __u32 length)
{
	return (length >= CONTAINER_ID && is_hexadecimal(eight_bytes_at(name + length - 8)) &&
		is_hexadecimal(eight_bytes_at(name + length - 16))) ||
	       eight_bytes_at(name) == TEXT_LXC;
}

static __always_inline struct cgroup_reading *current_reading(void)
{
	__u64 task = current_task_id();

	return bpf_map_lookup_elem(&cgroup_readings, &task);
}

/* Adds a component to the path, and looks whether it is a unit or a container. Returns 0 if the path is full.
 * This and the following functions are global, so that the verifier checks each once for each program. */
__noinline int read_component(__u64 name)
{
	struct cgroup_reading *reading = current_reading();
	__u64 tail = 0;
	__u32 length;
	bool is_scope;

	if (!reading)
		return 0;
	length = path_add(&reading->names.path, (const void *)name);
	if (!length)
		return 0;
	length--; /* without its NUL */
	if (length >= 8)
		tail = eight_bytes_at(name + length - 8);
	is_scope = tail >> 16 == TEXT_SCOPE;
	if (is_container(name, is_scope ? length - 6 : length))
		reading->in_container = 1;
	if (tail == TEXT_SERVICE || is_scope) {
		reading->unit = name;
		reading->is_service = !is_scope;
	}
	return 1;
}

/* The length of the part of a unit's name that all of its kind share; 0 if the name stays as it is. */
__noinline int find_cut(void)
{
	struct cgroup_reading *reading = current_reading();
	__u64 head;
	char last;

	if (!reading)
		return 0;
	head = eight_bytes_at(reading->unit);
	if (reading->is_service && (head & BYTES(4)) == TEXT_RUN)
		return 3;
	if (reading->is_service && (head & BYTES(6)) == TEXT_DBUS)
		return 4;
	last = reading->is_service ? '@' : '-';
	for (int i = 0; i < UNIT_SIZE; i++) {
		if (reading->names.unit[i] == last)
			return i + reading->is_service;
	}
	return 0;
}

static __always_inline void fold_unit(struct cgroup_reading *reading)
{
	char *unit = reading->names.unit;
	__u32 cut;

	bpf_probe_read_kernel_str(unit, UNIT_SIZE, (const void *)reading->unit);
	cut = find_cut();
	barrier_var(cut); /* otherwise clang drops the mask, which older verifiers need */
	cut &= UNIT_SIZE - 1;
	if (!cut || cut > UNIT_SIZE - 9)
		return;
	__builtin_memset(&reading->names.unit, 0, UNIT_SIZE);
	bpf_probe_read_kernel(unit, cut, (const void *)reading->unit);
	if (reading->is_service)
		__builtin_memcpy(&unit[cut], ".service", 8);
	else
		__builtin_memcpy(&unit[cut], ".scope", 6);
}

__noinline int read_unit(void)
{
	struct cgroup_reading *reading = current_reading();
	bool of_user;

	if (!reading)
		return 0;
	of_user = reading->unit && (eight_bytes_at(reading->unit) & BYTES(5)) == TEXT_USER;
	/* A user may give a unit of his own any name. */
	if (reading->in_container && !of_user)
		__builtin_memcpy(reading->names.unit, "container", sizeof("container"));
	else if (reading->unit)
		fold_unit(reading);
	return 0;
}

/* Reads a cgroup into the map. */
__noinline int read_cgroup_names(__u64 address)
{
	struct kernfs_node *node = (void *)address, *parent;
	__u64 task = current_task_id(), id = BPF_CORE_READ(node, id);
	struct cgroup_reading *reading;
	bool complete = false;

	bpf_map_update_elem(&cgroup_readings, &task, &kNoReading, BPF_ANY);
	for (int i = 0; i < CGROUP_DEPTH; i++) {
		parent = kernfs_parent(node);
		complete = !parent;
		if (complete || !read_component((__u64)BPF_CORE_READ(node, name)))
			break;
		node = parent;
	}
	reading = current_reading();
	if (!reading)
		return 0;
	reading->names.path.incomplete = !complete;
	read_unit();
	bpf_map_update_elem(&cgroups, &id, &reading->names, BPF_ANY);
	bpf_map_delete_elem(&cgroup_readings, &task);
	return 0;
}

/* In the v1 hierarchy of systemd; NULL if there is none. */
static __always_inline struct cgroup *systemd_cgroup(struct css_set *set)
{
	void *end = (void *)set + bpf_core_field_offset(struct css_set, cgrp_links);
	void *at = BPF_CORE_READ(set, cgrp_links.next);
	struct cgrp_cset_link *link;
	struct cgroup *cgroup;

	for (int i = 0; i < HIERARCHIES && at != end; i++) {
		link = at - bpf_core_field_offset(struct cgrp_cset_link, cgrp_link);
		cgroup = BPF_CORE_READ(link, cgrp);
		if (eight_bytes_at((__u64)&BPF_CORE_READ(cgroup, root)->name) == TEXT_SYSTEMD)
			return cgroup;
		at = BPF_CORE_READ(link, cgrp_link.next);
	}
	return NULL;
}

/* systemd uses the v2 hierarchy, or a v1 hierarchy of its own; the other has everything in its root. */
static __always_inline struct kernfs_node *current_cgroup(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct kernfs_node *node = BPF_CORE_READ(set, dfl_cgrp, kn);

	if (!kernfs_parent(node))
		node = BPF_CORE_READ(systemd_cgroup(set), kn);
	return node && kernfs_parent(node) ? node : NULL;
}

/* NULL in the root of the hierarchy, as kernel threads are. */
static __always_inline struct cgroup_names *current_cgroup_names(void)
{
	struct kernfs_node *node = current_cgroup();
	struct cgroup_names *names;
	__u64 id;

	if (!node)
		return NULL;
	id = BPF_CORE_READ(node, id);
	names = bpf_map_lookup_elem(&cgroups, &id);
	if (names)
		return names;
	read_cgroup_names((__u64)node);
	return bpf_map_lookup_elem(&cgroups, &id);
}

#endif
