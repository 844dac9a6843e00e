/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* ethtool commands: what is counted, by hooks of any kind (ethtool.bpf.c, syscall/ethtool.bpf.h). */
#ifndef NETCHANGE_ETHTOOL_BPF_H
#define NETCHANGE_ETHTOOL_BPF_H

#include <linux/errno.h>
#include <linux/netlink.h>

#include "bpf/abi/ethtool.h"
#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/count.bpf.h"
#include "bpf/lib/device.bpf.h"
#include "bpf/lib/duration.bpf.h"
#include "bpf/lib/event.bpf.h"
#include "bpf/lib/filter.bpf.h"
#include "bpf/lib/inflight.bpf.h"
#include "bpf/lib/kernel_types.h"
#include "bpf/lib/netlink_attribute.bpf.h"

#define COMMAND_PERQUEUE   0x0000004b /* ETHTOOL_PERQUEUE of linux/ethtool.h */
#define LAST_IOCTL_COMMAND 0x7f       /* of linux/ethtool.h, with room for new ones: the last is 0x51 */
#define ATTRIBUTE_HEADER   1          /* ETHTOOL_A_*_HEADER: the same number in every request */
#define HEADER_DEV_INDEX   1          /* ETHTOOL_A_HEADER_DEV_INDEX */
#define HEADER_DEV_NAME    2          /* ETHTOOL_A_HEADER_DEV_NAME */

/* The kernel's look-up of the requested device. */
enum device_lookup {
	LOOKUP_NONE, /* not seen: refused before it, or its function cannot be traced */
	LOOKUP_FAILED,
	LOOKUP_FOUND,
};

struct ethtool_call {
	struct call_head head;
	__u64 start_ns;
	struct ethnl_req_info *request; /* between entry and exit of ethnl_parse_header_dev_get() */
	__u64 user_command;             /* user address of the command number if still unread */
	struct ethtool_key key;         /* complete except for the actor's labels and the result */
	__u8 dump;
	__u8 every_device;           /* 1: a dump over all devices */
	__u8 lookup;                 /* enum device_lookup */
	char requested[IFNAME_SIZE]; /* the name in the event */
	__u64 attributes;            /* one bit for each type below 64 */
	__u64 cgroup;                /* as read_actor() returns it */
	struct ethtool_duration_key duration_key;
};

COUNT_MAP(ethtool_commands, struct ethtool_key, struct ethtool_counters);
COUNT_MAP(ethtool_durations, struct ethtool_duration_key, struct duration_histogram);
INFLIGHT_MAP(ethtool_calls, struct ethtool_call);

static const struct ethtool_counters kNoCommands;

static __always_inline struct ethtool_call *ethtool_call_begin(void)
{
	return inflight_begin(COLLECTOR_ETHTOOL, &ethtool_calls, &ethtool_calls_zero);
}

static __always_inline struct ethtool_call *ethtool_call_find(void)
{
	return inflight_find(&ethtool_calls);
}

static __always_inline void ethtool_call_end(void)
{
	inflight_end(&ethtool_calls);
}

/* The key's actor must be known. NULL if the map is full. */
static __always_inline struct duration_histogram *durations_of(struct ethtool_call *call)
{
	struct count_map_of details = {&ethtool_durations, COLLECTOR_ETHTOOL, COUNT_MAP_DETAILS,
				       call->key.actor.unprivileged};
	struct ethtool_duration_key *key = &call->duration_key;
	struct duration_histogram *durations;

	key->device = call->key.device;
	key->command = call->key.command;
	key->transport = call->key.transport;
	key->unprivileged = call->key.actor.unprivileged;
	durations = count_value(&details, key, &kNoDurations, FOLD_NOTHING);
	if (durations)
		return durations;
	fold_device(&key->device);
	return count_value(&details, key, &kNoDurations, FOLD_DEVICE);
}

/* Folds the key if it does not fit. NULL if the map is full. */
static __always_inline struct ethtool_counters *commands_of(struct ethtool_key *key)
{
	struct count_map_of events = {&ethtool_commands, COLLECTOR_ETHTOOL, COUNT_MAP_EVENTS,
				      key->actor.unprivileged};
	struct ethtool_counters *counters = count_value(&events, key, &kNoCommands, FOLD_NOTHING);

	if (counters)
		return counters;
	fold_actor(&key->actor);
	counters = count_value(&events, key, &kNoCommands, FOLD_ACTOR);
	if (counters)
		return counters;
	fold_device(&key->device);
	return count_value(&events, key, &kNoCommands, FOLD_DEVICE);
}

/*
 * True if the requested name may be made up: then it is no label, because each made-up name would take an
 * entry of the map. A name that the kernel did not look up is taken from who may configure the host's
 * devices. The key's actor must be known.
 */
static __always_inline bool is_unknown_device(const struct ethtool_call *call, int result)
{
	bool refused = call->key.transport == ETHTOOL_TRANSPORT_NETLINK && result == -EPERM;

	if (call->every_device || (call->lookup == LOOKUP_FOUND && !refused))
		return false;
	return call->lookup == LOOKUP_FAILED || result == -ENODEV || call->key.actor.unprivileged;
}

/* With the name that was asked for. */
static __always_inline void emit_ethtool_command(const struct ethtool_call *call, int result, __u64 now_ns)
{
	struct event *event = emit_begin(COLLECTOR_ETHTOOL, &call->key.device, &call->key.actor, call->cgroup,
					 result, call->start_ns, now_ns);

	if (!event)
		return;
	__builtin_memcpy(event->device.name, call->requested, sizeof(event->device.name));
	event->ethtool.command = call->key.command;
	event->ethtool.transport = call->key.transport;
	event->ethtool.attributes[0] = call->attributes;
	event->ethtool.attributes[1] = call->attributes >> 32;
	emit_end(event);
}

/* False if the configuration excludes the call's device. A global function, for its stack. */
__noinline int wants_ethtool_device(void)
{
	struct ethtool_call *call = is_traced(COLLECTOR_ETHTOOL) ? ethtool_call_find() : NULL;

	return call && wants_device(COLLECTOR_ETHTOOL, &call->key.device);
}

/* A call has ended: counts it and emits its event. */
static __always_inline void record_ethtool_command(struct ethtool_call *call, int result)
{
	__u64 now = bpf_ktime_get_boot_ns();
	__u64 duration_ns = now - call->start_ns;
	struct duration_histogram *durations;
	struct ethtool_counters *counters;

	if (!wants_ethtool_device())
		return;
	call->cgroup = read_actor(&call->key.actor);
	__builtin_memcpy(call->requested, call->key.device.name, sizeof(call->requested));
	if (is_unknown_device(call, result))
		__builtin_memset(call->key.device.name, 0, sizeof(call->key.device.name));
	call->key.error = error_of(result);
	emit_ethtool_command(call, result, now); /* before its key is folded */
	keep_labels(&call->key.actor);
	if (call->key.actor.unprivileged && call->key.transport == ETHTOOL_TRANSPORT_IOCTL &&
	    call->key.command > LAST_IOCTL_COMMAND)
		call->key.command = ETHTOOL_COMMAND_UNKNOWN;
	durations = durations_of(call);
	counters = commands_of(&call->key);
	if (counters) {
		counter_add(&counters->commands, now);
		if (duration_ns > settings.ethtool_slow_ns)
			counter_add(&counters->slow, now);
	}
	if (durations)
		duration_add(durations, duration_ns);
	if (!counters || !durations)
		count_lost_update(COLLECTOR_ETHTOOL);
}

static __always_inline struct ethtool_call *ethtool_command_begin(enum ethtool_transport transport,
								  struct net *net)
{
	struct ethtool_call *call = ethtool_call_begin();

	if (!call)
		return NULL;
	call->start_ns = bpf_ktime_get_boot_ns();
	call->key.transport = transport;
	read_netns(&call->key.device, net);
	return call;
}

/* The command is the first number of the user's structure. ETHTOOL_PERQUEUE is replaced by its sub-command,
 * the next number. */
static __always_inline bool read_user_command(__u32 *command, const void *user)
{
	__u32 numbers[2] = {};

	if (bpf_probe_read_user(&numbers[0], sizeof(numbers[0]), user))
		return false;
	*command = numbers[0];
	if (numbers[0] == COMMAND_PERQUEUE &&
	    !bpf_probe_read_user(&numbers[1], sizeof(numbers[1]), user + sizeof(numbers[0])))
		*command = numbers[1];
	return true;
}

/* The kernel has looked the device up. Its own name replaces the requested one. NULL: it does not exist. */
static __always_inline void device_looked_up(struct ethtool_call *call, struct net_device *dev)
{
	if (dev) {
		read_device_name(&call->key.device, dev->name);
		call->lookup = LOOKUP_FOUND;
	} else if (call->lookup == LOOKUP_NONE) {
		call->lookup = LOOKUP_FAILED;
	}
}

/* Reads the requested device. */
static __always_inline void read_requested_device(struct device_ref *device, struct nla_payload attributes)
{
	struct nla_payload header = find_attribute(attributes, ATTRIBUTE_HEADER);
	struct nla_payload name = find_attribute(header, HEADER_DEV_NAME);
	__u64 size = name.size < IFNAME_SIZE ? name.size : IFNAME_SIZE - 1;

	barrier_var(size); /* otherwise the verifier does not see its range */
	if (name.size && size < IFNAME_SIZE)
		bpf_probe_read_kernel_str(device->name, size + 1,
					  (const void *)name.at); /* with or without its NUL */
}

#define MOST_ATTRIBUTES 32 /* of a request; COALESCE_SET has 29 */

/* The types of the attributes in these `size` bytes, one bit for each below 64. A global function, so that
 * the verifier checks it once for each program. */
__noinline __u64 attribute_types(__u64 at, __u32 size)
{
	__u64 types = 0, type;
	__u32 head, step;

	for (int i = 0; i < MOST_ATTRIBUTES; i++) {
		head = attribute_head(at, size);
		if (!head)
			break;
		type = head >> 16;
		types |= (type - 64) >> 63 << (type & 63); /* without a branch */
		step = NLA_ALIGN(head & 0xffff);
		if (step >= size)
			break;
		at += step;
		size -= step;
	}
	return types;
}

/* Most commands ignore the device of a dump. */
static __always_inline bool may_dump_one_device(__u32 command)
{
	return command < 64 && settings.ethtool_device_dumps >> command & 1;
}

/* Reads what a request with these flags is about: the requested device, or every device. */
static __always_inline void read_target(struct ethtool_call *call, __u16 flags, struct nla_payload attributes)
{
	struct nla_payload header;

	call->attributes = attribute_types(attributes.at, attributes.size);
	call->dump = (flags & NLM_F_DUMP) == NLM_F_DUMP;
	call->every_device = call->dump;
	if (call->dump && may_dump_one_device(call->key.command)) {
		header = find_attribute(attributes, ATTRIBUTE_HEADER);
		call->every_device = !find_attribute(header, HEADER_DEV_NAME).size &&
				     !find_attribute(header, HEADER_DEV_INDEX).size;
	}
	if (call->every_device)
		call->key.device.name[0] = '*';
	else
		read_requested_device(&call->key.device, attributes);
}

#endif
