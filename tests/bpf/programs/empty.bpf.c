/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* A program that does nothing: the least that a program on a system call costs. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("tracepoint")
int empty(void *ctx)
{
	(void)ctx;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
