/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Ids of the collectors: index of their settings, member of events and of filter keys. */
#ifndef NETCHANGE_COLLECTOR_H
#define NETCHANGE_COLLECTOR_H

enum collector {
#define COLLECTOR(name, NAME, Stem) COLLECTOR_##NAME,
#include "bpf/abi/collectors.def"
#undef COLLECTOR
	COLLECTORS, /* the number of collectors */
};

#endif
