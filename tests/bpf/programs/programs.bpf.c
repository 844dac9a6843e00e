/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* XDP programs for the tests. They do nothing; their names differ. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("xdp/first")
int first_prog(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

SEC("xdp/second")
int second_prog(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
