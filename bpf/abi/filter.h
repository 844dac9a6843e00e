/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Patterns for devices and settings. The longest matching pattern decides. A pattern is a whole name or a
 * prefix (`veth*`), so one look-up in a longest-prefix map finds it.
 */
#ifndef NETCHANGE_FILTER_H
#define NETCHANGE_FILTER_H

#include "bpf/abi/layout.h"

#define FILTER_TEXT_SIZE 64
#define FILTER_ENTRIES   256 /* patterns of each collector, for devices and for settings */

/*
 * Key of an LPM trie (linux/bpf.h): `prefix_bits` counts from `collector` on. A whole name includes its NUL.
 * An object may hold several collectors, each with its own patterns.
 */
struct filter_key {
	__u32 prefix_bits;
	__u8 collector; /* enum collector */
	char text[FILTER_TEXT_SIZE];
	__u8 reserved[3];
};
LAYOUT_ASSERT(sizeof(struct filter_key) == 72, "no padding");

#define FILTER_BITS(text_size) (8 * (1 + (text_size)))

enum filter_verdict {
	FILTER_EXCLUDE = 1,
	FILTER_INCLUDE = 2,
};

#endif
