/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Every difference between kernels, and between versions of libbpf, with the day it can go. */
#ifndef NETCHANGE_COMPAT_BPF_H
#define NETCHANGE_COMPAT_BPF_H

#include <linux/bpf.h>
#include <linux/ptrace.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/* include/linux/errno.h: never seen by user space, so not in the UAPI. */
#define ERESTARTSYS    512
#define ERESTARTNOINTR 513

/* The sixth argument of a function at a kprobe. libbpf has PT_REGS_PARM6 from 1.2 on. */
#ifndef PT_REGS_PARM6
#if defined(__TARGET_ARCH_x86)
#define PT_REGS_PARM6(ctx) ((ctx)->r9)
#elif defined(__TARGET_ARCH_arm64)
#define PT_REGS_PARM6(ctx) (((const struct user_pt_regs *)(ctx))->regs[5])
#else
#error "name the register of the sixth argument"
#endif
#endif

#ifndef ___bpf_kprobe_args6
#define ___bpf_kprobe_args6(x, args...) ___bpf_kprobe_args5(args), (void *)PT_REGS_PARM6(ctx)
#endif

#endif
