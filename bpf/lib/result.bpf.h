/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What the result of a kernel function means: 0 or more is success, less is -errno. */
#ifndef NETCHANGE_RESULT_BPF_H
#define NETCHANGE_RESULT_BPF_H

#include <stdbool.h>

#include "bpf/lib/compat.bpf.h"

/* include/linux/errno.h: never seen by user space, so not in the UAPI. */
#define ERESTARTSYS    512
#define ERESTARTNOINTR 513

/*
 * The kernel takes the request back and the caller repeats it by itself: restart_syscall() of a handler
 * that did not get a lock. Not an event; the repetition will be one.
 */
static __always_inline bool is_restart(int result)
{
	return result == -ERESTARTSYS || result == -ERESTARTNOINTR;
}

static __always_inline __u16 error_of(int result)
{
	return result < 0 ? (__u16)-result : 0;
}

#endif
