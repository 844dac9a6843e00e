/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* A path that a task reads, component by component: of a cgroup or of an executable. */
#ifndef NETCHANGE_PATH_READING_BPF_H
#define NETCHANGE_PATH_READING_BPF_H

#include "bpf/abi/cgroup.h"
#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/path.bpf.h"

#define PATH_READINGS 64 /* at a time */

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

static __always_inline struct path_reading *current_reading(void)
{
	__u64 task = current_task_id();

	return bpf_map_lookup_elem(&path_readings, &task);
}

#endif
