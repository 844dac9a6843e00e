/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Hooks on kernel functions. A hook is a function with the kernel function's arguments, or with its result:
 *
 * 	HOOK_ENTER(dev_change_name, struct net_device *dev, const char *name) { ... }
 * 	HOOK_EXIT(dev_change_name, 2, int result) { ... }
 *
 * It becomes two programs at the entry, dev_change_name_fentry and _kprobe, or two at the exit, _fexit and
 * _kretprobe. User space loads one of the two (exporter/kernel/hook_plan.h). A hook may have both ends, with
 * the same name, or one. The number in HOOK_EXIT is the function's number of arguments, because fexit finds
 * the result after them. An entry may omit the last arguments. If an exit needs arguments, its entry stores
 * them in a call record (inflight.bpf.h).
 *
 * If a function's arguments changed, each argument list has its own hook, named by the _AS forms. If a
 * function was renamed, one hook has its newest name; user space knows the other names.
 */
#ifndef NETCHANGE_HOOK_BPF_H
#define NETCHANGE_HOOK_BPF_H

#include "bpf/lib/compat.bpf.h"

/* Arguments are numbers. Each is cast to its parameter's type, as libbpf's macros do. */
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
