/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Result of a kernel function: 0 or more is success, a negative number is -errno. */
#ifndef NETCHANGE_RESULT_BPF_H
#define NETCHANGE_RESULT_BPF_H

#include <stdbool.h>

#include "bpf/lib/compat.bpf.h"

/* include/linux/errno.h: never returned to user space, so not in the UAPI. */
#define ERESTARTSYS    512
#define ERESTARTNOINTR 513

/*
 * The kernel will repeat the request by itself: restart_syscall() of a handler that did not get a lock. Not
 * an event; the repetition is one.
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
