/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The cgroup of the current task: its path, and the systemd unit in it. A cgroup is read once, and then found
 * in the map `cgroups` by its id.
 *
 * The unit is the topmost one of the path: the names above it are chosen by root, those below it by whoever
 * the unit was delegated to. So the whole path is walked, however long it is.
 */
#ifndef NETCHANGE_CGROUP_BPF_H
#define NETCHANGE_CGROUP_BPF_H

#include "bpf/abi/cgroup.h"
#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/kernel_types.h"
#include "bpf/lib/path.bpf.h"

/* Of a path with more components, the unit is "unknown". They are read in steps, which keeps the verifier's
 * work small. */
#define CGROUP_STEPS     16
#define STEP_COMPONENTS  8
#define HIERARCHIES      16 /* v1 has at most 13 controllers, each with its own */
#define STEP_HIERARCHIES 4
#define CONTAINER_ID     64              /* hexadecimal digits */
#define PATH_READINGS    64              /* at a time */
#define MAX_CUT          (UNIT_SIZE - 9) /* leaves space for ".service" and the NUL */

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, CGROUPS);
	__type(key, struct cgroup_key);
	__type(value, struct cgroup_names);
} cgroups SEC(".maps");

/* Memory for reading the path of a cgroup or of an executable, by task, because a task can be preempted while
 * it reads. */
struct path_reading {
	struct cgroup_names names; /* of an executable, only the path */
	__u64 dentry, mount;       /* of an executable: how far it was read */
	__u64 unit;                /* address of the name of the topmost service or scope */
	__u32 unit_length;         /* of that name */
	__u8 is_service;
	__u8 in_container;
	__u8 complete;             /* 1: read to the root */
	char name[PATH_NAME_SIZE]; /* a component for which the path has no space */
	__u8 reserved[1];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PATH_READINGS);
	__type(key, __u64);
	__type(value, struct path_reading);
} path_readings SEC(".maps");

static const struct path_reading kNoReading;

/* Text as numbers, least significant byte first. */
#define TEXT_SERVICE    0x656369767265732eULL     /* ".service" */
#define TEXT_SCOPE      0x0000000065706f63732eULL /* ".scope" */
#define TEXT_RUN        0x2d6e7572ULL             /* "run-" */
#define TEXT_DBUS       0x3a2d73756264ULL         /* "dbus-:" */
#define TEXT_LXC        0x2e63786cULL             /* "lxc." */
#define TEXT_PAYLOAD    0x2e64616f6c796170ULL     /* "payload." */
#define TEXT_CONTAINERD 0x656e6961746e6f63ULL     /* "containe" */
#define TEXT_CONMON     0x2d6e6f6d6e6f63ULL       /* "conmon-" */
#define TEXT_SYSTEMD    0x00646d6574737973ULL     /* "systemd" */
#define TEXT_ZEROES     0x3030303030303030ULL     /* "00000000" */
#define BYTES(n)        ((1ULL << (8 * (n))) - 1)

static __always_inline __u64 eight_bytes_at(__u64 address)
{
	__u64 bytes = 0;

	bpf_probe_read_kernel(&bytes, sizeof(bytes), (const void *)address);
	return bytes;
}

/* Marks the letters of a word that are none of 0123456789abcdef, by their highest bits. All eight are
 * compared at once: `at_least_a` marks those that are at least an "a". */
static __always_inline __u64 not_hexadecimal(__u64 text)
{
	const __u64 each = 0x0101010101010101ULL, high = 0x80 * each;
	__u64 at_least_0 = (text | high) - '0' * each, above_9 = (text | high) - ('9' + 1) * each;
	__u64 at_least_a = (text | high) - 'a' * each, above_f = (text | high) - ('f' + 1) * each;

	return (((at_least_0 & ~above_9) | (at_least_a & ~above_f)) & ~text & high) ^ high;
}

/*
 * Containers end with their id: "docker-<id>.scope", "cri-containerd-<id>.scope", "<id>". `end`: where the id
 * ends. The engines' monitors, "libpod-conmon-<id>.scope", are no containers.
 */
static __always_inline bool is_container(__u64 name, __u64 end)
{
	__u64 others = 0; /* letters that are not in an id */

	if (eight_bytes_at(name + 4) == TEXT_PAYLOAD && (eight_bytes_at(name) & BYTES(4)) == TEXT_LXC)
		return true;
	if (end - name < CONTAINER_ID)
		return false;
	for (int i = 0; i < CONTAINER_ID; i += 8)
		others |= not_hexadecimal(eight_bytes_at(end - CONTAINER_ID + i));
	if (others)
		return false;
	return end - name < CONTAINER_ID + 7 ||
	       (eight_bytes_at(end - CONTAINER_ID - 7) & BYTES(7)) != TEXT_CONMON;
}

static __always_inline struct path_reading *current_reading(void)
{
	__u64 task = current_task_id();

	return bpf_map_lookup_elem(&path_readings, &task);
}

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

static __always_inline bool is_digit(__u8 c)
{
	return c >= '0' && c <= '9';
}

/* A transient unit of systemd-run: "run-u17", "run-p17-i18", "run-r" and a random number. */
static __always_inline bool is_transient(__u64 head)
{
	__u8 kind = head >> 32, next = head >> 40, third = head >> 48;

	if ((head & BYTES(4)) != TEXT_RUN)
		return false;
	if (kind == 'u' || kind == 'p')
		return is_digit(next);
	return kind == 'r' && !not_hexadecimal((TEXT_ZEROES & ~BYTES(2)) | third << 8 | next);
}

/* Where a word has this letter: 0 to 7, or 8. Compares eight letters at once: the lowest bit of `found` marks
 * the first that is equal. */
__noinline __u32 find_in_word(__u64 word, __u64 letter)
{
	const __u64 each = 0x0101010101010101ULL, high = 0x80 * each;
	__u64 differs = word ^ letter * each;
	__u64 found = (differs - each) & ~differs & high;
	__u64 below = (found & -found) - 1;

	return found ? ((below & each) * each >> 56) - 1 : 8;
}

/* Where a unit's name has this letter; UNIT_SIZE if it has none. */
static __always_inline __u32 find_letter(const char *unit, __u64 letter)
{
	const __u64 *words = (const __u64 *)unit;
	__u32 at;

	for (int i = 0; i < UNIT_SIZE / 8; i++) {
		at = find_in_word(words[i], letter);
		if (at < 8)
			return i * 8 + at;
	}
	return UNIT_SIZE;
}

/* The length of the part of a unit's name that all of its kind share; 0 if the name stays as it is. */
static __always_inline __u32 find_cut(const struct path_reading *reading)
{
	__u64 head = eight_bytes_at(reading->unit);
	__u32 cut;

	if (reading->is_service && is_transient(head))
		return 3;
	if (reading->is_service && (head & BYTES(6)) == TEXT_DBUS)
		return 4;
	cut = find_letter(reading->names.unit, reading->is_service ? '@' : '-');
	if (cut < MAX_CUT)
		return cut + reading->is_service;
	return reading->unit_length < UNIT_SIZE ? 0 : MAX_CUT;
}

static __always_inline void fold_unit(struct path_reading *reading)
{
	char *unit = reading->names.unit;
	__u32 cut;

	bpf_probe_read_kernel_str(unit, UNIT_SIZE, (const void *)reading->unit);
	cut = find_cut(reading);
	barrier_var(cut); /* otherwise clang drops the mask, which older verifiers need */
	cut &= UNIT_SIZE - 1;
	if (!cut || cut > MAX_CUT)
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
	struct path_reading *reading = current_reading();

	if (!reading)
		return 0;
	if (!reading->complete)
		__builtin_memcpy(reading->names.unit, "unknown", sizeof("unknown"));
	else if (reading->in_container)
		__builtin_memcpy(reading->names.unit, "container", sizeof("container"));
	else if (reading->unit)
		fold_unit(reading);
	return 0;
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
