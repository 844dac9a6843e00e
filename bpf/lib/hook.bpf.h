/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Hooks on kernel functions. A hook is a function with the kernel function's arguments, or with its result:
 *
 *	HOOK_ENTER(dev_change_name, struct net_device *dev, const char *name) { ... }
 *	HOOK_EXIT(dev_change_name, 2, int result) { ... }
 *
 * It becomes two programs at the entry, dev_change_name_fentry and _kprobe, or two at the exit, _fexit and
 * _kretprobe. User space loads one of the two (exporter/kernel/hook_plan.h). A hook may have both ends, with
 *the same name, or one. The number in HOOK_EXIT is that of the function's arguments: fexit finds the result
 *behind them; an entry may leave out the last ones. An exit that needs arguments gets them from its entry, by
 *a record of the call (inflight.bpf.h).
 *
 * A function whose arguments changed has a hook for each list of arguments: the _AS forms give it a name.
 * A function that was renamed has one hook, named after the newest name; user space knows the others.
 */
#ifndef NETCHANGE_HOOK_BPF_H
#define NETCHANGE_HOOK_BPF_H

#include "bpf/lib/compat.bpf.h"

/* The arguments are numbers, of which each is given to a parameter of its own type, as libbpf's macros do it.
 */
#define HOOK_PROGRAM(section, name, context, call)                      \
	SEC(section)                                                    \
	int name(context *ctx)                                          \
	{                                                               \
		_Pragma("GCC diagnostic push");                         \
		_Pragma("GCC diagnostic ignored \"-Wint-conversion\""); \
		call;                                                   \
		_Pragma("GCC diagnostic pop");                          \
		return 0;                                               \
	}

#define HOOK_ENTER(function, args...) HOOK_ENTER_AS(function, function, args)

#define HOOK_ENTER_AS(name, function, args...)                                             \
	static __always_inline void name##_enter(void *ctx __attribute__((unused)), args); \
	HOOK_PROGRAM("fentry/" #function, name##_fentry, unsigned long long,               \
		     name##_enter(___bpf_ctx_cast(args)))                                  \
	HOOK_PROGRAM("kprobe/" #function, name##_kprobe, struct pt_regs,                   \
		     name##_enter(___bpf_kprobe_args(args)))                               \
	static __always_inline void name##_enter(void *ctx __attribute__((unused)), args)

#define HOOK_EXIT(function, count, result) HOOK_EXIT_AS(function, function, count, result)

#define HOOK_EXIT_AS(name, function, count, result)                                                          \
	static __always_inline void name##_leave(result);                                                    \
	HOOK_PROGRAM("fexit/" #function, name##_fexit, unsigned long long, name##_leave((void *)ctx[count])) \
	HOOK_PROGRAM("kretprobe/" #function, name##_kretprobe, struct pt_regs,                               \
		     name##_leave((void *)PT_REGS_RC(ctx)))                                                  \
	static __always_inline void name##_leave(result)

#endif
