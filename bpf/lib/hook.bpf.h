/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * One thing to observe = one kernel function = four programs, of which user space loads one pair:
 * <name>_fentry and <name>_fexit, or <name>_kprobe and <name>_kretprobe (exporter/kernel/hook_plan.h).
 *
 * Both pairs call the same two functions: `enter` gets the arguments as the registers hold them, `leave`
 * only the result, of which an int takes the lower half. What `leave` needs of the arguments, `enter` keeps
 * in the call's record (inflight.bpf.h). Where the result is enough, a hook has no `enter`; where the
 * arguments are enough, no `leave`.
 */
#ifndef NETCHANGE_HOOK_BPF_H
#define NETCHANGE_HOOK_BPF_H

#include "bpf/lib/compat.bpf.h"

#define HOOK_MAX_ARGUMENTS 6 /* more are refused by fentry before 6.x, and are not in registers on x86 */

#define HOOK(function, count, enter, leave) HOOK_AS(function, function, count, enter, leave)

/* `name`: where a function has several argument lists over the versions, each is a hook of its own. */
#define HOOK_AS(name, function, count, enter, leave) \
	HOOK_ENTRY(name, function, count, enter)     \
	HOOK_EXIT(name, function, count, leave)

#define HOOK_ENTRY(name, function, count, enter)                                           \
	SEC("fentry/" #function)                                                           \
	int name##_fentry(__u64 *ctx)                                                      \
	{                                                                                  \
		__u64 arguments[HOOK_MAX_ARGUMENTS] = {};                                  \
                                                                                           \
		_Pragma("unroll") for (int i = 0; i < (count); i++) arguments[i] = ctx[i]; \
		enter(arguments);                                                          \
		return 0;                                                                  \
	}                                                                                  \
                                                                                           \
	SEC("kprobe/" #function)                                                           \
	int name##_kprobe(struct pt_regs *ctx)                                             \
	{                                                                                  \
		__u64 arguments[HOOK_MAX_ARGUMENTS] = {                                    \
			PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx), PT_REGS_PARM3(ctx),        \
			PT_REGS_PARM4(ctx), PT_REGS_PARM5(ctx), PT_REGS_PARM6(ctx),        \
		};                                                                         \
                                                                                           \
		enter(arguments);                                                          \
		return 0;                                                                  \
	}

#define HOOK_EXIT(name, function, count, leave)   \
	SEC("fexit/" #function)                   \
	int name##_fexit(__u64 *ctx)              \
	{                                         \
		leave(ctx[count]);                \
		return 0;                         \
	}                                         \
                                                  \
	SEC("kretprobe/" #function)               \
	int name##_kretprobe(struct pt_regs *ctx) \
	{                                         \
		leave((__u64)PT_REGS_RC(ctx));    \
		return 0;                         \
	}

#endif
