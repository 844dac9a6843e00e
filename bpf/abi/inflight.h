/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Key of the maps `inflight`: calls that have begun and not ended. */
#ifndef NETCHANGE_INFLIGHT_H
#define NETCHANGE_INFLIGHT_H

#include "bpf/abi/layout.h"

struct inflight_key {
	__u64 task;  /* as bpf_get_current_pid_tgid() gives it: thread group id above, thread id below */
	__u64 depth; /* of the call among those of its task, which may be nested: 0 is the outermost */
};
LAYOUT_ASSERT(sizeof(struct inflight_key) == 16, "no padding");

#endif
