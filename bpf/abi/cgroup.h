/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Names of a cgroup: value of the map `cgroups`, by the cgroup's id. */
#ifndef NETCHANGE_CGROUP_H
#define NETCHANGE_CGROUP_H

#include "bpf/abi/actor.h"
#include "bpf/abi/path.h"

#define CGROUPS 1024 /* known at a time; the least recently used is read again when it comes back */

/*
 * The unit is that of the host's systemd: the topmost service or scope of the path, because only root chooses
 * its name. Folded, so that a host has few: "sshd@.service" of each instance, "session.scope" of each
 * session, "container" of each container. docs/metrics.md has the rules.
 */
struct cgroup_names {
	char unit[UNIT_SIZE]; /* zero-padded; empty if the path has no service, scope or container */
	struct path_parts path;
};

#endif
