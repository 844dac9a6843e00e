/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Programs that replace functions of dispatcher.bpf.c. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("freplace/prog0")
int xdp_filter(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

SEC("freplace/prog1")
int xdp_count(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
