/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The cgroup of the current task: its path, and the systemd unit in it. A cgroup is read once, and then found
 * in the map `cgroups` by its id.
 */
#ifndef NETCHANGE_CGROUP_BPF_H
#define NETCHANGE_CGROUP_BPF_H

#include "bpf/abi/cgroup.h"
#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/kernel_types.h"
#include "bpf/lib/path_reading.bpf.h"
#include "bpf/lib/unit.bpf.h"

/* Of a path with more components, the unit is "unknown". They are read in steps, which keeps the verifier's
 * work small. */
#define CGROUP_STEPS     16
#define STEP_COMPONENTS  8
#define HIERARCHIES      16 /* v1 has at most 13 controllers, each with its own */
#define STEP_HIERARCHIES 4

#define TEXT_SYSTEMD 0x00646d6574737973ULL /* "systemd", the name of a v1 hierarchy, as a number */

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, CGROUPS);
	__type(key, struct cgroup_key);
	__type(value, struct cgroup_names);
} cgroups SEC(".maps");

/* The length of a component, which it adds to the path if there is space. 0: it cannot be read. */
static __always_inline __u32 take_component(struct path_reading *reading, __u64 name)
{
	__u32 size = path_add(&reading->names.path, (const void *)name);
	long read;

	if (size)
		return size - 1;
	reading->names.path.incomplete = 1;
	read = bpf_probe_read_kernel_str(reading->name, sizeof(reading->name), (const void *)name);
	return read > 0 ? read - 1 : 0;
}

/*
 * Reads the component of this node, if it has a parent, and returns the parent's address. 0 at the root, or
 * if the component cannot be read. This and the following functions are global, so that the verifier checks
 * each once for each program.
 */
__noinline __u64 read_component(__u64 address)
{
	struct kernfs_node *node = (void *)address, *parent = kernfs_parent(node);
	struct path_reading *reading = current_reading();
	bool is_scope, is_service, container;
	__u64 name = (__u64)BPF_CORE_READ(node, name), tail = 0;
	__u32 length;

	if (!reading)
		return 0;
	if (!parent) {
		reading->complete = 1;
		return 0;
	}
	length = take_component(reading, name);
	if (!length)
		return 0;
	if (length >= 8)
		tail = eight_bytes_at(name + length - 8);
	is_service = tail == TEXT_SERVICE;
	is_scope = tail >> 16 == TEXT_SCOPE;
	container = is_container(name, name + length - (is_scope ? 6 : 0));
	if (is_service || is_scope) {
		reading->unit = name;
		reading->unit_length = length;
		reading->is_service = is_service;
		/* What is below a unit is that unit's; only containerd may put containers there. */
		if (eight_bytes_at(name) != TEXT_CONTAINERD)
			reading->in_container = 0;
	}
	if (container && !is_service)
		reading->in_container = 1;
	return (__u64)parent;
}

/* Reads some components, and returns the next node; 0 at the end. */
__noinline __u64 read_components(__u64 node)
{
	for (int i = 0; i < STEP_COMPONENTS && node; i++)
		node = read_component(node);
	return node;
}

static __always_inline void read_cgroup_key(struct cgroup_key *key, struct cgroup *cgroup)
{
	key->id = BPF_CORE_READ(cgroup, kn, id);
	key->hierarchy = BPF_CORE_READ(cgroup, root, hierarchy_id);
}

/* Reads a cgroup into the map. */
static __always_inline void read_cgroup_names(struct cgroup *cgroup)
{
	__u64 node = (__u64)BPF_CORE_READ(cgroup, kn);
	struct path_reading *reading;
	__u64 task = current_task_id();
	struct cgroup_key key = {};

	read_cgroup_key(&key, cgroup);
	bpf_map_update_elem(&path_readings, &task, &kNoReading, BPF_ANY);
	for (int i = 0; i < CGROUP_STEPS && node; i++)
		node = read_components(node);
	reading = current_reading();
	if (!reading)
		return;
	if (!reading->complete)
		reading->names.path.incomplete = 1;
	read_unit();
	bpf_map_update_elem(&cgroups, &key, &reading->names, BPF_ANY);
	bpf_map_delete_elem(&path_readings, &task);
}

static __always_inline struct cgrp_cset_link *link_at(__u64 at)
{
	return (void *)at - bpf_core_field_offset(struct cgrp_cset_link, cgrp_link);
}

static __always_inline bool is_of_systemd(__u64 at)
{
	struct cgrp_cset_link *link = link_at(at);

	return eight_bytes_at((__u64)&BPF_CORE_READ(link, cgrp, root)->name) == TEXT_SYSTEMD;
}

/* Goes on in a list of links: at most some steps, to the link of systemd, or to the end. */
__noinline __u64 find_systemd_link(__u64 at, __u64 end)
{
	for (int i = 0; i < STEP_HIERARCHIES && at != end && !is_of_systemd(at); i++)
		at = (__u64)BPF_CORE_READ(link_at(at), cgrp_link.next);
	return at;
}

/* In the v1 hierarchy of systemd; NULL if there is none. */
static __always_inline struct cgroup *systemd_cgroup(struct css_set *set)
{
	__u64 end = (__u64)set + bpf_core_field_offset(struct css_set, cgrp_links);
	__u64 at = (__u64)BPF_CORE_READ(set, cgrp_links.next);

	for (int i = 0; i < HIERARCHIES / STEP_HIERARCHIES; i++)
		at = find_systemd_link(at, end);
	return at != end && is_of_systemd(at) ? BPF_CORE_READ(link_at(at), cgrp) : NULL;
}

/* NULL if the names are not in the map. */
static __always_inline const struct cgroup_names *names_of(struct cgroup *cgroup)
{
	struct cgroup_key key = {};

	read_cgroup_key(&key, cgroup);
	return bpf_map_lookup_elem(&cgroups, &key);
}

enum cgroup_kind {
	CGROUP_ROOT, /* or none */
	CGROUP_WITH_UNIT,
	CGROUP_WITHOUT_UNIT,
};

/* Reads a cgroup into the map if it is not there. Returns enum cgroup_kind. */
__noinline int take_cgroup(__u64 address)
{
	struct cgroup *cgroup = (struct cgroup *)address;
	const struct cgroup_names *names;

	if (!kernfs_parent(BPF_CORE_READ(cgroup, kn)))
		return CGROUP_ROOT;
	names = names_of(cgroup);
	if (!names) {
		read_cgroup_names(cgroup);
		names = names_of(cgroup);
	}
	return !names || names->unit[0] ? CGROUP_WITH_UNIT : CGROUP_WITHOUT_UNIT;
}

/*
 * systemd uses the v2 hierarchy, or a v1 hierarchy of its own; in the other, a process is in the root, or in
 * a group of something else. Returns the address of the cgroup whose names tell most, after they are in the
 * map. 0 in the root of both, as kernel threads are.
 */
__noinline __u64 current_cgroup(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup *unified = BPF_CORE_READ(set, dfl_cgrp), *systemd;
	enum cgroup_kind kind = take_cgroup((__u64)unified);

	if (kind == CGROUP_WITH_UNIT)
		return (__u64)unified;
	systemd = systemd_cgroup(set);
	if (take_cgroup((__u64)systemd) != CGROUP_ROOT)
		return (__u64)systemd;
	return kind == CGROUP_ROOT ? 0 : (__u64)unified;
}

static const struct cgroup_names kUnknownCgroup = {.unit = "unknown", .path = {.incomplete = 1}};

/* `cgroup`: as current_cgroup() returns it. NULL in the root. */
static __always_inline const struct cgroup_names *cgroup_names_at(__u64 cgroup)
{
	const struct cgroup_names *names;

	if (!cgroup)
		return NULL;
	names = names_of((struct cgroup *)cgroup);
	return names ? names : &kUnknownCgroup;
}

#endif
