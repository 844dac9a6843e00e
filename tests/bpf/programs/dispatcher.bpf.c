/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* An XDP program like libxdp's dispatcher: others replace its functions. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

/* `volatile`: the compiler must not know the result. */
__attribute__((noinline)) int prog0(struct xdp_md *ctx)
{
	volatile int result = XDP_PASS;

	return ctx ? result : XDP_ABORTED;
}

__attribute__((noinline)) int prog1(struct xdp_md *ctx)
{
	volatile int result = XDP_PASS;

	return ctx ? result : XDP_ABORTED;
}

SEC("xdp")
int xdp_dispatcher(struct xdp_md *ctx)
{
	int result = prog0(ctx);

	return result == XDP_PASS ? prog1(ctx) : result;
}

char LICENSE[] SEC("license") = "GPL";
