/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Key of the maps `inflight`: calls between their entry and their exit. */
#ifndef NETCHANGE_INFLIGHT_H
#define NETCHANGE_INFLIGHT_H

#include "bpf/abi/layout.h"

struct inflight_key {
	__u64 task;  /* as in bpf_get_current_pid_tgid(): thread group id, thread id */
	__u64 depth; /* nesting depth of the call within its task: 0 is the outermost */
};
LAYOUT_ASSERT(sizeof(struct inflight_key) == 16, "no padding");

#endif
