/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The settings in a request on a NETLINK_ROUTE socket, as files below /proc/sys/net (sysctl_request.bpf.h).
 */
#ifndef NETCHANGE_SYSCTL_ATTRIBUTES_BPF_H
#define NETCHANGE_SYSCTL_ATTRIBUTES_BPF_H

#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "bpf/sysctl_request.bpf.h"

#define FAMILY_INET  2  /* AF_INET; linux/socket.h defines it for the kernel only */
#define FAMILY_INET6 10 /* AF_INET6 */

#define NAME_SIZE 24 /* a name with its NUL */

/* A file that an attribute sets. Its unit: attribute / divisor. */
struct named_setting {
	char name[NAME_SIZE];
	__u32 divisor; /* 0: no such attribute */
};

#define MILLISECONDS 1
#define HUNDREDTHS   10
#define SECONDS      1000
#define COUNT        1

/* Attributes in NDTA_PARMS, then those beside it, then that of a device. */
enum { SETTING_THRESHOLD = 24, SETTING_INTERVAL = 27, SETTING_ADDRESS_MODE = 28, NAMED_SETTINGS = 32 };

static const struct named_setting kNamed[NAMED_SETTINGS] = {
	[NDTPA_BASE_REACHABLE_TIME] = {"base_reachable_time_ms", MILLISECONDS},
	[NDTPA_RETRANS_TIME] = {"retrans_time_ms", MILLISECONDS},
	[NDTPA_GC_STALETIME] = {"gc_stale_time", SECONDS},
	[NDTPA_DELAY_PROBE_TIME] = {"delay_first_probe_time", SECONDS},
	[NDTPA_QUEUE_LEN] = {"unres_qlen", COUNT},
	[NDTPA_APP_PROBES] = {"app_solicit", COUNT},
	[NDTPA_UCAST_PROBES] = {"ucast_solicit", COUNT},
	[NDTPA_MCAST_PROBES] = {"mcast_solicit", COUNT},
	[NDTPA_ANYCAST_DELAY] = {"anycast_delay", HUNDREDTHS},
	[NDTPA_PROXY_DELAY] = {"proxy_delay", HUNDREDTHS},
	[NDTPA_PROXY_QLEN] = {"proxy_qlen", COUNT},
	[NDTPA_LOCKTIME] = {"locktime", HUNDREDTHS},
	[NDTPA_QUEUE_LENBYTES] = {"unres_qlen_bytes", COUNT},
	[NDTPA_MCAST_REPROBES] = {"mcast_resolicit", COUNT},
	[NDTPA_INTERVAL_PROBE_TIME_MS] = {"interval_probe_time_ms", MILLISECONDS},
	[SETTING_THRESHOLD] = {"gc_thresh1", COUNT},
	[SETTING_THRESHOLD + 1] = {"gc_thresh2", COUNT},
	[SETTING_THRESHOLD + 2] = {"gc_thresh3", COUNT},
	[SETTING_INTERVAL] = {"gc_interval", SECONDS},
	[SETTING_ADDRESS_MODE] = {"addr_gen_mode", COUNT},
};

/* The entry with this name, one of kNamed, from the entry `first` on. */
__noinline __u64 entry_of_name(__u64 table, __u32 number, __u32 first)
{
	struct ctl_table_header *header = (struct ctl_table_header *)table;
	__u64 name[NAME_SIZE / 8], there[NAME_SIZE / 8];
	__u32 size = table_size(header);
	struct ctl_table *entry;

	if (number >= NAMED_SETTINGS)
		return 0;
	barrier_var(number); /* masked where the verifier sees it */
	__builtin_memcpy(name, kNamed[number & (NAMED_SETTINGS - 1)].name, sizeof(name));
	for (__u32 i = 0; i < STEP_ENTRIES; i++) {
		entry = entry_at(header, first + i);
		if (first + i >= size || !BPF_CORE_READ(entry, procname))
			return 0;
		__builtin_memset(there, 0, sizeof(there));
		bpf_probe_read_kernel_str(there, sizeof(there), BPF_CORE_READ(entry, procname));
		if (!((there[0] ^ name[0]) | (there[1] ^ name[1]) | (there[2] ^ name[2])))
			return (__u64)entry;
	}
	return GO_ON;
}

/* Adds the setting of this name. */
__noinline int add_named(__u64 table, __u32 number, __u64 wanted)
{
	struct sysctl_request *request;
	__u64 entry = GO_ON;
	__u32 divisor;

	if (number >= NAMED_SETTINGS)
		return 0;
	barrier_var(number);
	divisor = kNamed[number & (NAMED_SETTINGS - 1)].divisor;
	if (divisor)
		wanted /= divisor;
	for (__u32 step = 0; step < TABLE_STEPS && entry == GO_ON; step++)
		entry = entry_of_name(table, number, step * STEP_ENTRIES);
	request = sysctl_request_find();
	barrier_var(
		request); /* otherwise clang combines conditions, and the verifier does not see this one */
	if (!request)
		return 0;
	if (entry && entry != GO_ON)
		add_setting(request, (struct ctl_table_header *)table, (struct ctl_table *)entry, wanted,
			    number != SETTING_ADDRESS_MODE);
	else
		request->lost++;
	return 0;
}

/* --- what requests set -----------------------------------------------------------------------------------
 */

static __always_inline void *first_pointer(const void *structure)
{
	void *pointer = NULL;

	bpf_probe_read_kernel(&pointer, sizeof(pointer), structure);
	return pointer;
}

/* IFLA_AF_SPEC, AF_INET6. */
static __always_inline void add_inet6(struct net_device *dev, __u32 range)
{
	__u32 mode = requested_attribute(range, IFLA_INET6_ADDR_GEN_MODE);
	struct inet6_dev *inet6 = BPF_CORE_READ(dev, ip6_ptr);

	if (mode && inet6)
		add_named((__u64)BPF_CORE_READ(inet6, cnf.sysctl_header), SETTING_ADDRESS_MODE,
			  (__u8)requested_number(mode));
}

/* One number of IFLA_INET_CONF at the beginning of a range: its type is its place in the device's values.
 * Returns the rest of the range. */
__noinline int add_inet_value(__u64 device, __u32 range)
{
	struct sysctl_request *request = sysctl_request_find();
	__u32 begin = range & 0xffff, length = range >> 16, used;
	struct net_device *dev = (struct net_device *)device;
	struct in_device *inet = BPF_CORE_READ(dev, ip_ptr);
	struct nlattr attribute = {};
	__u64 values;

	if (!request || !inet || begin > REQUEST_BYTES - sizeof(attribute) || length < sizeof(attribute))
		return 0;
	bpf_probe_read_kernel(&attribute, sizeof(attribute), request->message + begin);
	used = NLA_ALIGN(attribute.nla_len);
	if (attribute.nla_len < NLA_HDRLEN + sizeof(__u32) || attribute.nla_len > length)
		return 0;
	values = (__u64)inet + bpf_core_field_offset(struct in_device, cnf) +
		 bpf_core_field_offset(struct ipv4_devconf, data);
	add_stored((__u64)first_pointer(BPF_CORE_READ(inet, cnf.sysctl)),
		   values + ((attribute.nla_type & NLA_TYPE_MASK) - 1) * sizeof(__s32),
		   (__s32)requested_number(range_of(begin + NLA_HDRLEN, sizeof(__u32))));
	return used < length ? (int)range_of(begin + used, length - used) : 0;
}

/* IFLA_AF_SPEC, AF_INET. */
static __always_inline void add_inet(struct net_device *dev, __u32 range)
{
	__u32 rest = requested_attribute(range, IFLA_INET_CONF);
	__u64 device = number_of(dev);
	struct sysctl_request *request;

	for (int i = 0; i < REQUEST_SETTINGS && rest; i++)
		rest = add_inet_value(device, rest);
	request = sysctl_request_find();
	if (rest && request)
		request->lost++;
}

/* The parameters of a neighbour table: of a device, or (index 0) the table's own, which only the initial
 * namespace has. */
static __always_inline struct neigh_parms *find_parameters(struct net *net, struct net_device *dev, bool arp)
{
	struct net_device *any = dev ? dev : BPF_CORE_READ(net, loopback_dev);
	struct inet6_dev *inet6 = BPF_CORE_READ(any, ip6_ptr);
	struct in_device *inet = BPF_CORE_READ(any, ip_ptr);
	struct neigh_parms *parameters =
		arp ? BPF_CORE_READ(inet, arp_parms) : BPF_CORE_READ(inet6, nd_parms);
	void *table;

	if (dev || !parameters)
		return parameters;
	table = BPF_CORE_READ(parameters, tbl);
	return table + bpf_core_field_offset(struct neigh_table, parms);
}

/* Adds the attributes of a neighbour table from `first` to `last`, whose names begin at `name`. */
__noinline int add_neighbour_settings(__u64 header, __u32 range, __u32 first, __u32 last_and_name)
{
	__u32 last = last_and_name & 0xff, name = last_and_name >> 8, type, found;

	for (__u32 i = 0; i < NAMED_SETTINGS; i++) {
		type = first + i;
		if (type > last)
			break;
		found = requested_attribute(range, type);
		if (found)
			add_named(header, name + i, requested_number(found));
	}
	return 0;
}

/* The index of the device of an RTM_SETNEIGHTBL request; 0 for the table itself. */
static __always_inline __u32 neighbour_device(void)
{
	__u32 all = range_of(NLMSG_SPACE(sizeof(struct ndtmsg)), REQUEST_BYTES);
	__u32 parameters = requested_attribute(all, NDTA_PARMS);
	__u32 index = parameters ? requested_attribute(parameters, NDTPA_IFINDEX) : 0;

	return index ? (__u32)requested_number(index) : 0;
}

/* RTM_SETNEIGHTBL; `dev`: the device of the request, NULL for the table itself. */
static __always_inline void add_neighbour_table(struct net *net, struct net_device *dev)
{
	__u32 all = range_of(NLMSG_SPACE(sizeof(struct ndtmsg)), REQUEST_BYTES);
	__u32 name = requested_attribute(all, NDTA_NAME), parameters = requested_attribute(all, NDTA_PARMS);
	bool arp = (__u8)requested_number(range_of(name, 1)) == 'a'; /* arp_cache, ndisc_cache */
	struct neigh_parms *values = find_parameters(net, dev, arp);
	struct ctl_table_header *header;

	if (!name || !values)
		return;
	header = first_pointer(BPF_CORE_READ(values, sysctl_table));
	if ((void *)BPF_CORE_READ(header, set) != (void *)net + bpf_core_field_offset(struct net, sysctls))
		return; /* the table of another namespace: refused */
	if (parameters)
		add_neighbour_settings((__u64)header, parameters, NDTPA_BASE_REACHABLE_TIME,
				       NDTPA_INTERVAL_PROBE_TIME_MS | NDTPA_BASE_REACHABLE_TIME << 8);
	add_neighbour_settings((__u64)header, all, NDTA_THRESH1, NDTA_THRESH3 | SETTING_THRESHOLD << 8);
	add_neighbour_settings((__u64)header, all, NDTA_GC_INTERVAL,
			       NDTA_GC_INTERVAL | SETTING_INTERVAL << 8);
}

#endif
