/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Events: emit_begin() reserves space in the ring buffer and fills in the process, the caller fills in the
 * event, emit_end() submits it. */
#ifndef NETCHANGE_EVENT_BPF_H
#define NETCHANGE_EVENT_BPF_H

#include "bpf/abi/event.h"
#include "bpf/lib/actor.bpf.h"
#include "bpf/lib/cgroup.bpf.h"
#include "bpf/lib/path_reading.bpf.h"
#include "bpf/lib/result.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, EVENT_RING_SIZE);
} events SEC(".maps");

#define EVENT_LOSERS 256 /* entries; the least recently used makes space for a new one */

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, EVENT_LOSERS);
	__type(key, struct event_loser);
	__type(value, struct event_losses);
} lost_events SEC(".maps");

/* Steps of the walk to the root, and what one step passes: components, and mounts. */
#define EXE_STEPS  6
#define STEP_PARTS 4

/*
 * bpf_d_path() is allowed in few functions only, so we walk up to the root ourselves: from a file to its
 * directory, and from the root of a mount to its mount point. Reads some components into the task's record.
 * 1: there are more. A global function, so that the verifier checks it once for each program.
 */
__noinline int read_exe_parts(void)
{
	struct path_reading *reading = current_reading();
	struct path_parts *path;
	struct dentry *dentry, *root;
	struct mount *mount;

	if (!reading)
		return 0;
	path = &reading->names.path;
	dentry = (void *)reading->dentry;
	mount = (void *)reading->mount;
	root = BPF_CORE_READ(mount, mnt.mnt_root);
	for (int i = 0; i < STEP_PARTS; i++) {
		bool at_mount = dentry == root;
		void *up = at_mount ? (void *)BPF_CORE_READ(mount, mnt_parent)
				    : (void *)BPF_CORE_READ(dentry, d_parent);

		if (up == (at_mount ? (void *)mount : (void *)dentry)) {
			path->incomplete = 0;
			return 0;
		}
		if (at_mount) {
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mount = up;
			root = BPF_CORE_READ(mount, mnt.mnt_root);
			continue;
		}
		if (!path_add(path, BPF_CORE_READ(dentry, d_name.name)))
			return 0;
		dentry = up;
	}
	reading->dentry = (__u64)dentry;
	reading->mount = (__u64)mount;
	return 1;
}

/* `exe`: all zero up to its parts. */
static __always_inline void read_exe(struct path_parts *exe, struct task_struct *process)
{
	struct file *file = BPF_CORE_READ(process, mm, exe_file);
	__u64 mount = (__u64)BPF_CORE_READ(file, f_path.mnt), task = current_task_id();
	struct path_reading *reading;

	if (!mount)
		return;
	exe->incomplete = 1;
	bpf_map_update_elem(&path_readings, &task, &kNoReading, BPF_ANY);
	reading = current_reading();
	if (!reading)
		return;
	reading->dentry = (__u64)BPF_CORE_READ(file, f_path.dentry);
	reading->mount = mount - bpf_core_field_offset(struct mount, mnt);
	reading->names.path.incomplete = 1;
	for (int i = 0; i < EXE_STEPS; i++)
		if (!read_exe_parts())
			break;
	path_copy(exe, &reading->names.path);
	bpf_map_delete_elem(&path_readings, &task);
}

static __always_inline __u32 loginuid_of(struct task_struct *task)
{
	return bpf_core_field_exists(task->loginuid) ? BPF_CORE_READ(task, loginuid.val) : NO_LOGINUID;
}

static __always_inline void read_cgroup(struct path_parts *path, __u64 cgroup)
{
	const struct cgroup_names *names = cgroup_names_at(cgroup);

	if (names)
		path_copy(path, &names->path);
}

/* Unprivileged callers leave three quarters of the ring buffer to the others. */
static __always_inline bool may_emit(const struct actor *actor)
{
	return !actor->unprivileged || bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) < EVENT_RING_SIZE / 4;
}

/* Not inlined, for its stack. */
__noinline int count_lost_event(__u32 collector)
{
	struct event_loser loser = {.pid = bpf_get_current_pid_tgid() >> 32, .collector = collector};
	struct event_losses first = {.uid = bpf_get_current_uid_gid()};
	struct event_losses *losses;

	if (collector >= COLLECTORS)
		return 0;
	__sync_fetch_and_add(&statistics.collectors[collector].lost_events, 1);
	losses = bpf_map_lookup_elem(&lost_events, &loser);
	if (!losses) {
		read_comm(first.comm, current_process());
		bpf_map_update_elem(&lost_events, &loser, &first, BPF_NOEXIST);
		losses = bpf_map_lookup_elem(&lost_events, &loser);
	}
	if (losses)
		__sync_fetch_and_add(&losses->events, 1);
	return 0;
}

static const char kNoEvent[offsetof(struct event, exe.parts)];

/* `actor`, `cgroup`: as read_actor() fills and returns them. */
static __always_inline struct event *emit_begin(enum collector collector, const struct device_ref *device,
						const struct actor *actor, __u64 cgroup, int result,
						__u64 start_ns, __u64 now_ns)
{
	struct task_struct *process = current_process();
	struct task_struct *parent = parent_process(process);
	struct event *event = NULL;

	if (!settings.emit_events)
		return NULL;
	if (may_emit(actor))
		event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		count_lost_event(collector);
		return NULL;
	}
	bpf_probe_read_kernel(event, sizeof(kNoEvent), kNoEvent);
	__builtin_memset(&event->cgroup, 0, offsetof(struct path_parts, parts));
	event->time_ns = now_ns;
	event->duration_ns = now_ns - start_ns;
	event->collector = collector;
	event->error = error_of(result);
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->parent_pid = parent ? BPF_CORE_READ(parent, tgid) : 0;
	event->uid = bpf_get_current_uid_gid();
	event->loginuid = loginuid_of(process);
	event->device = *device;
	bpf_probe_read_kernel(&event->actor, sizeof(event->actor), actor);
	read_exe(&event->exe, process);
	read_cgroup(&event->cgroup, cgroup);
	return event;
}

static __always_inline void emit_end(struct event *event)
{
	bpf_ringbuf_submit(event, 0);
}

#endif
