/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Attributes of netlink messages in kernel memory. The sender chose the lengths, so they may have any
 * value. */
#ifndef NETCHANGE_NETLINK_ATTRIBUTE_BPF_H
#define NETCHANGE_NETLINK_ATTRIBUTE_BPF_H

#include <linux/netlink.h>

#include "bpf/lib/compat.bpf.h"

#define MAX_ATTRIBUTES 8 /* searched in a message, and in each nested attribute */

struct nla_payload {
	const void *at;
	__u32 size; /* bytes */
};

/* The payload of the first attribute of `type` in `attributes`; empty if there is none. */
static __always_inline struct nla_payload find_attribute(struct nla_payload attributes, __u16 type)
{
	struct nla_payload none = {};

	for (int i = 0; i < MAX_ATTRIBUTES; i++) {
		struct nlattr attribute = {};
		struct nla_payload payload;

		if (attributes.size < NLA_HDRLEN)
			break;
		bpf_probe_read_kernel(&attribute, sizeof(attribute), attributes.at);
		if (attribute.nla_len < NLA_HDRLEN || attribute.nla_len > attributes.size)
			break;
		payload.at = attributes.at + NLA_HDRLEN;
		payload.size = attribute.nla_len - NLA_HDRLEN;
		if ((attribute.nla_type & NLA_TYPE_MASK) == type)
			return payload;
		if (NLA_ALIGN(attribute.nla_len) >= attributes.size)
			break;
		attributes.at += NLA_ALIGN(attribute.nla_len);
		attributes.size -= NLA_ALIGN(attribute.nla_len);
	}
	return none;
}

#endif
