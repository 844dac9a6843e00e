/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Included by every shared header: fixed-width types, and a size check for C and C++. */
#ifndef NETCHANGE_LAYOUT_H
#define NETCHANGE_LAYOUT_H

#include <linux/types.h>

#ifdef __cplusplus
#define LAYOUT_ASSERT(condition, why) static_assert(condition, why)
#else
#define LAYOUT_ASSERT(condition, why) _Static_assert(condition, why)
#endif

#define COMM_SIZE   16 /* TASK_COMM_LEN of the kernel, with its NUL */
#define IFNAME_SIZE 16 /* IFNAMSIZ of linux/if.h, with its NUL */

#endif
