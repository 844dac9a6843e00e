/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Who did it: part of every key. */
#ifndef NETCHANGE_ACTOR_H
#define NETCHANGE_ACTOR_H

#include "bpf/abi/layout.h"

/*
 * Command names of the thread group leaders, NUL-terminated and zero behind the NUL.
 * All zero where the label is switched off, or where there is no parent.
 */
struct actor {
	char comm[COMM_SIZE];
	char parent_comm[COMM_SIZE];
};
LAYOUT_ASSERT(sizeof(struct actor) == 32, "no padding: every key byte is set");

#endif
