/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Names of a cgroup: key and value of the map `cgroups`. */
#ifndef NETCHANGE_CGROUP_H
#define NETCHANGE_CGROUP_H

#include "bpf/abi/actor.h"
#include "bpf/abi/path.h"

#define CGROUPS 1024 /* entries; the least recently used makes space for a new one */

struct cgroup_key {
	__u64 id;        /* unique in its hierarchy */
	__u32 hierarchy; /* the kernel's number of the hierarchy */
	__u32 reserved;
};
LAYOUT_ASSERT(sizeof(struct cgroup_key) == 16, "no padding: every key byte is set");

/*
 * The unit is that of the host's systemd: the topmost service or scope of the path. Folded, so that a host
 * has few: "sshd@.service" of each instance, "session.scope" of each session, "container" of each container.
 * docs/metrics.md has the rules.
 */
struct cgroup_names {
	char unit[UNIT_SIZE]; /* zero-padded; empty: no service, scope or container; "unknown": not read to
				 the root */
	struct path_parts path;
};

#endif
