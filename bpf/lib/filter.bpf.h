/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Whether the configuration includes a device or a setting. Checked before the event takes a map entry. */
#ifndef NETCHANGE_FILTER_BPF_H
#define NETCHANGE_FILTER_BPF_H

#include "bpf/lib/count.bpf.h"
#include "bpf/lib/device.bpf.h"
#include "bpf/abi/filter.h"

#define FILTER_MAP(name)                                         \
	struct {                                                 \
		__uint(type, BPF_MAP_TYPE_LPM_TRIE);             \
		__uint(max_entries, FILTER_ENTRIES *COLLECTORS); \
		__uint(map_flags, BPF_F_NO_PREALLOC);            \
		__type(key, struct filter_key);                  \
		__type(value, __u32);                            \
	} name SEC(".maps")

FILTER_MAP(device_filter);

/* `otherwise`: verdict for names without a matching pattern (enum filter_verdict); 0 if there are no
 * patterns. */
static __always_inline bool passes_filter(void *map, __u32 otherwise, const struct filter_key *name)
{
	const __u32 *verdict;

	if (!otherwise)
		return true;
	verdict = bpf_map_lookup_elem(map, name);
	return (verdict ? *verdict : otherwise) == FILTER_INCLUDE;
}

/* Events without a single device always pass. */
static __always_inline bool wants_device(enum collector collector, const struct device_ref *device)
{
	struct filter_key key = {.prefix_bits = FILTER_BITS(FILTER_TEXT_SIZE), .collector = collector};
	__u32 otherwise = settings.collectors[collector].filter_devices;

	if (!otherwise || !device->name[0] || same_bytes(device->name, "*", sizeof("*")) ||
	    same_bytes(device->name, "all", sizeof("all")) ||
	    same_bytes(device->name, "default", sizeof("default")))
		return true;
	__builtin_memcpy(key.text, device->name, sizeof(device->name));
	return passes_filter(&device_filter, otherwise, &key);
}

#endif
