/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The process and its parent, read from the task at the moment of the event. */
#ifndef NETCHANGE_ACTOR_BPF_H
#define NETCHANGE_ACTOR_BPF_H

#include "bpf/abi/actor.h"
#include "bpf/lib/cgroup.bpf.h"
#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/count.bpf.h"
#include "bpf/lib/kernel_types.h"
#include "bpf/lib/text.bpf.h"

#define TEXT_KWORKER 0x2f72656b726f776bULL /* "kworker/", as in unit.bpf.h */

static const char kWorker[COMM_SIZE] = "kworker";

/* A worker is named after its last work; a label for each would make too many series. */
static __always_inline void fold_kworker(char *comm)
{
	if (eight_bytes_at((__u64)comm) == TEXT_KWORKER)
		bpf_probe_read_kernel(comm, COMM_SIZE, kWorker);
}

static __always_inline void read_comm(char *comm, struct task_struct *process)
{
	bpf_probe_read_kernel_str(comm, COMM_SIZE, process->comm);
	fold_kworker(comm);
}

/* The process of the current thread. Threads may have other names. */
static __always_inline struct task_struct *current_process(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	return BPF_CORE_READ(task, group_leader);
}

/* Any thread of the parent may have forked; the leader's name is the process name. NULL for the first
 * process. */
static __always_inline struct task_struct *parent_process(struct task_struct *process)
{
	struct task_struct *parent = BPF_CORE_READ(process, real_parent, group_leader);

	return BPF_CORE_READ(parent, tgid) ? parent : NULL;
}

#define CAPABILITY_NET_ADMIN 12 /* CAP_NET_ADMIN of linux/capability.h */

/* True if the task has CAP_NET_ADMIN in the initial user namespace: it may configure the host's devices. */
static __always_inline bool is_network_admin(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	const struct cred *cred = BPF_CORE_READ(task, cred);
	__u64 capabilities = 0;

	/* Two numbers of 32 bits before 6.3, one of 64 bits since: the same bytes. */
	bpf_probe_read_kernel(&capabilities, sizeof(capabilities), &cred->cap_effective);
	return capabilities >> CAPABILITY_NET_ADMIN & 1 && !BPF_CORE_READ(cred, user_ns, parent);
}

static const struct actor kNoActor;

/* Reads all names, whatever labels are on. Returns current_cgroup(), for emit_begin(). */
static __always_inline __u64 read_actor(struct actor *actor)
{
	struct task_struct *process = current_process();
	struct task_struct *parent = parent_process(process);
	__u64 cgroup = settings.label_unit || settings.emit_events ? current_cgroup() : 0;
	const struct cgroup_names *names = cgroup_names_at(cgroup);

	bpf_probe_read_kernel(actor, sizeof(*actor), &kNoActor);
	actor->unprivileged = !is_network_admin();
	read_comm(actor->comm, process);
	if (parent)
		read_comm(actor->parent_comm, parent);
	if (names)
		bpf_probe_read_kernel(actor->unit, sizeof(actor->unit), names->unit);
	return cgroup;
}

/* Empties the labels that are off, in the actor of a key. */
static __always_inline void keep_labels(struct actor *actor)
{
	if (!settings.label_comm)
		__builtin_memset(actor->comm, 0, sizeof(actor->comm));
	if (!settings.label_parent_comm)
		__builtin_memset(actor->parent_comm, 0, sizeof(actor->parent_comm));
	if (!settings.label_unit)
		__builtin_memset(actor->unit, 0, sizeof(actor->unit));
}

/* Instead of names that do not fit in a map. */
static __always_inline void fold_actor(struct actor *actor)
{
	__u32 unprivileged = actor->unprivileged;

	bpf_probe_read_kernel(actor, sizeof(*actor), &kNoActor);
	actor->unprivileged = unprivileged;
	if (settings.label_comm)
		__builtin_memcpy(actor->comm, OTHER, sizeof(OTHER));
	if (settings.label_parent_comm)
		__builtin_memcpy(actor->parent_comm, OTHER, sizeof(OTHER));
	if (settings.label_unit)
		__builtin_memcpy(actor->unit, OTHER, sizeof(OTHER));
}

#endif
