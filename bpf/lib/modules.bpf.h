/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Modules that are loaded and unloaded, for hooks on their functions: the ring buffer `modules`. */
#ifndef NETCHANGE_MODULES_BPF_H
#define NETCHANGE_MODULES_BPF_H

#include "bpf/abi/module_event.h"
#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/count.bpf.h"
#include "bpf/lib/kernel_types.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} modules SEC(".maps");

static __always_inline void announce_module(enum collector collector, struct module *module, __u32 comes)
{
	struct module_event *event = bpf_ringbuf_reserve(&modules, sizeof(*event), 0);

	if (!event) {
		count_lost_update(collector); /* this module's driver may be missed from now on */
		return;
	}
	event->comes = comes;
	__builtin_memset(event->name, 0, sizeof(event->name));
	bpf_probe_read_kernel_str(event->name, sizeof(event->name), module->name);
	bpf_ringbuf_submit(event, 0);
}

#endif
