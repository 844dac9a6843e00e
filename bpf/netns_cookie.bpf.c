/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The exporter runs this program where user space cannot read the cookie itself: before 5.14. */
#include "bpf/lib/compat.bpf.h"

/* Low half of the cookie of the calling task's namespace, as in struct device_ref. */
SEC("raw_tp")
int own_netns_cookie(void *ctx __attribute__((unused)))
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	return (int)netns_cookie(BPF_CORE_READ(task, nsproxy, net_ns));
}

char LICENSE[] SEC("license") = "GPL";
