/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The process and its parent: part of every key. */
#ifndef NETCHANGE_ACTOR_H
#define NETCHANGE_ACTOR_H

#include "bpf/abi/layout.h"

/*
 * Command names of the thread group leaders, zero-padded. All zero if the label is off, or if there is no
 * parent.
 */
struct actor {
	char comm[COMM_SIZE];
	char parent_comm[COMM_SIZE];
};
LAYOUT_ASSERT(sizeof(struct actor) == 32, "no padding: every key byte is set");

#endif
