/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* An empty program: the minimum cost of a program on a system call. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("tracepoint")
int empty(void *ctx)
{
	(void)ctx;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
