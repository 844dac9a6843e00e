/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The process, its parent and its unit: part of every key. */
#ifndef NETCHANGE_ACTOR_H
#define NETCHANGE_ACTOR_H

#include "bpf/abi/layout.h"

#define UNIT_SIZE 64 /* "google-cloud-ops-agent-opentelemetry-collector.service" is 54 long */

/*
 * Command names of the thread group leaders, zero-padded. All zero if the label is off, or if there is no
 * parent.
 */
struct actor {
	char comm[COMM_SIZE];
	char parent_comm[COMM_SIZE];
	char unit[UNIT_SIZE]; /* as in struct cgroup_names */
	__u32 unprivileged;   /* 1: without CAP_NET_ADMIN in the initial user namespace; no label */
};
LAYOUT_ASSERT(sizeof(struct actor) == 100, "no padding: every key byte is set");

#endif
