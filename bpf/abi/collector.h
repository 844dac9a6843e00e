/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The collectors by number: index of their settings, and part of events and of filters' keys. */
#ifndef NETCHANGE_COLLECTOR_H
#define NETCHANGE_COLLECTOR_H

enum collector {
#define COLLECTOR(name, NAME, Stem) COLLECTOR_##NAME,
#include "bpf/abi/collectors.def"
#undef COLLECTOR
	COLLECTORS, /* the number of collectors */
};

#endif
