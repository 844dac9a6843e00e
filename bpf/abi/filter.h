/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Patterns that choose devices and settings, of which the longest that matches decides. A pattern is a whole
 * name, or a beginning (`veth*`): just what a longest-prefix map finds in one look.
 */
#ifndef NETCHANGE_FILTER_H
#define NETCHANGE_FILTER_H

#include "bpf/abi/layout.h"

#define FILTER_TEXT_SIZE 64
#define FILTER_ENTRIES   256 /* of each map of patterns */

/* A key of an LPM trie (linux/bpf.h). A whole name includes its NUL. */
struct filter_key {
	__u32 prefix_bits;
	char text[FILTER_TEXT_SIZE];
};
LAYOUT_ASSERT(sizeof(struct filter_key) == 68, "no padding");

enum filter_verdict {
	FILTER_EXCLUDE = 1,
	FILTER_INCLUDE = 2,
};

#endif
