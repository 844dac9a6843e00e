/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Attributes of netlink messages in kernel memory. The sender chose the lengths, so they may have any
 * value. */
#ifndef NETCHANGE_NETLINK_ATTRIBUTE_BPF_H
#define NETCHANGE_NETLINK_ATTRIBUTE_BPF_H

#include <linux/netlink.h>

#include "bpf/lib/compat.bpf.h"

#define MAX_ATTRIBUTES 8 /* searched in a message, and in each nested attribute */

struct nla_payload {
	__u64 at;   /* address */
	__u32 size; /* bytes */
};

static __always_inline struct nla_payload payload_at(const void *at, __u32 size)
{
	return (struct nla_payload){number_of(at), size};
}

/*
 * The head of the attribute at an address: its type in the upper half, its length in the lower half. 0 if
 * there is none in the next `size` bytes. This and the next function are global, so that the verifier checks
 * each once for each program.
 */
__noinline __u32 attribute_head(__u64 at, __u32 size)
{
	struct nlattr attribute = {};

	if (size < NLA_HDRLEN || bpf_probe_read_kernel(&attribute, sizeof(attribute), (const void *)at) ||
	    attribute.nla_len < NLA_HDRLEN || attribute.nla_len > size)
		return 0;
	return (__u32)(attribute.nla_type & NLA_TYPE_MASK) << 16 | attribute.nla_len;
}

/* The payload of the first attribute of `type`: its offset from `at` in the upper half, its size in the lower
 * half. 0 if there is none. */
__noinline __u64 attribute_place(__u64 at, __u32 size, __u32 type)
{
	__u32 offset = 0, head, length;

	for (int i = 0; i < MAX_ATTRIBUTES; i++) {
		head = attribute_head(at + offset, size - offset);
		length = head & 0xffff;
		if (!head)
			break;
		if (head >> 16 == type)
			return (__u64)(offset + NLA_HDRLEN) << 32 | (length - NLA_HDRLEN);
		if (NLA_ALIGN(length) >= size - offset)
			break;
		offset += NLA_ALIGN(length);
	}
	return 0;
}

/* The payload of the first attribute of `type` in `attributes`; empty if there is none. */
static __always_inline struct nla_payload find_attribute(struct nla_payload attributes, __u16 type)
{
	__u64 place = attribute_place(attributes.at, attributes.size, type);

	return (struct nla_payload){place ? attributes.at + (place >> 32) : 0, (__u32)place};
}

#endif
