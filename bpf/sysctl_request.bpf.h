/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Sysctls that a request on a NETLINK_ROUTE socket sets, without a write to their files: settings of a device
 * (IFLA_AF_SPEC) and of the neighbour tables (RTM_SETNEIGHTBL). The kernel stores them where the file's table
 * says, so names, devices and old values come from that table. A request may set several; each is a write.
 *
 * Functions that older verifiers would check more than once are global, and take numbers.
 */
#ifndef NETCHANGE_SYSCTL_REQUEST_BPF_H
#define NETCHANGE_SYSCTL_REQUEST_BPF_H

#include <linux/netlink.h>

#include "bpf/lib/netlink_attribute.bpf.h"
#include "bpf/sysctl.bpf.h"

#define REQUEST_BYTES    256 /* read of a request */
#define REQUEST_SETTINGS 16  /* read of a request; more are counted as lost */
#define TABLE_ENTRIES    96  /* searched in a table; net.ipv6.conf has some 70 */

/* One setting of a request. */
struct requested_setting {
	struct ctl_table_header *header;
	struct ctl_table *entry;
	__s64 wanted; /* in the unit of the file */
	__s32 old;
	__u32 stores_other_unit; /* 1: the kernel stores another unit than the file has */
};

struct sysctl_request {
	struct call_head head;
	__u64 start_ns;
	__u32 size; /* bytes in `message` */
	__u32 count;
	__u32 lost; /* settings that were not found, or did not fit */
	struct requested_setting settings[REQUEST_SETTINGS];
	char message[2 * REQUEST_BYTES]; /* second half: space for the verifier */
};

INFLIGHT_MAP(sysctl_requests, struct sysctl_request);

static __always_inline struct sysctl_request *sysctl_request_find(void)
{
	return is_traced(COLLECTOR_SYSCTL) ? inflight_find(&sysctl_requests) : NULL;
}

/* The index is masked where the verifier sees it. */
static __always_inline struct requested_setting *setting_at(struct sysctl_request *request, __u64 at)
{
	barrier_var(at);
	return &request->settings[at & (REQUEST_SETTINGS - 1)];
}

static __always_inline void sysctl_request_end(void)
{
	inflight_end(&sysctl_requests);
}

/* Copies the message, or an attribute of it, from kernel memory. */
static __always_inline struct sysctl_request *sysctl_request_begin(const void *message, __u64 size)
{
	struct sysctl_request *request =
		inflight_begin(COLLECTOR_SYSCTL, &sysctl_requests, &sysctl_requests_zero);

	if (!request)
		return NULL;
	request->start_ns = bpf_ktime_get_boot_ns();
	if (size > REQUEST_BYTES)
		size = REQUEST_BYTES;
	barrier_var(size);
	if (size > REQUEST_BYTES || bpf_probe_read_kernel(request->message, size, message))
		size = 0;
	request->size = size;
	return request;
}

/* --- attributes ------------------------------------------------------------------------------------------
 */

/* A range of the message, in one number: offset in the lower half, length in the upper half. */
static __always_inline __u32 range_of(__u32 offset, __u32 length)
{
	return (length & 0xffff) << 16 | (offset & 0xffff);
}

/* The payload of the attribute of this type; 0 if there is none. */
__noinline int requested_attribute(__u32 range, __u32 type)
{
	struct sysctl_request *request = sysctl_request_find();
	__u32 begin = range & 0xffff, length = range >> 16, size;
	struct nla_payload attributes, found;

	if (!request)
		return 0;
	size = request->size;
	if (begin > REQUEST_BYTES || size > REQUEST_BYTES || size < begin)
		return 0;
	if (length > size - begin)
		length = size - begin;
	attributes = payload_at(request->message + begin, length);
	found = find_attribute(attributes, type);
	if (!found.size)
		return 0;
	return (int)range_of(begin + (found.at - attributes.at), found.size);
}

/* The number in a range: 1, 4 or 8 bytes. */
__noinline __u64 requested_number(__u32 range)
{
	struct sysctl_request *request = sysctl_request_find();
	__u32 begin = range & (2 * REQUEST_BYTES - 1), length = range >> 16;
	__u64 number = 0;

	if (!request || begin > REQUEST_BYTES)
		return 0;
	if (length >= sizeof(__u64))
		bpf_probe_read_kernel(&number, sizeof(__u64), request->message + begin);
	else if (length >= sizeof(__u32))
		bpf_probe_read_kernel(&number, sizeof(__u32), request->message + begin);
	else
		bpf_probe_read_kernel(&number, sizeof(__u8), request->message + begin);
	return number;
}

/* --- tables ----------------------------------------------------------------------------------------------
 */

static __always_inline __u32 table_size(struct ctl_table_header *header)
{
	if (bpf_core_field_exists(header->ctl_table_size))
		return BPF_CORE_READ(header, ctl_table_size);
	return TABLE_ENTRIES; /* before 6.6, an entry without a name ends the table */
}

static __always_inline struct ctl_table *entry_at(struct ctl_table_header *header, __u64 index)
{
	return (void *)BPF_CORE_READ(header, ctl_table) + index * bpf_core_type_size(struct ctl_table);
}

/* Adds a setting with this entry of the table. */
static __always_inline void add_setting(struct sysctl_request *request, struct ctl_table_header *header,
					struct ctl_table *entry, __s64 wanted, bool other_unit)
{
	struct requested_setting *setting;
	__u32 at = request->count;

	if (at >= REQUEST_SETTINGS) {
		request->lost++;
		return;
	}
	request->count = at + 1;
	setting = setting_at(request, at);
	setting->header = header;
	setting->entry = entry;
	setting->wanted = wanted;
	setting->stores_other_unit = other_unit;
	bpf_probe_read_kernel(&setting->old, sizeof(setting->old), BPF_CORE_READ(entry, data));
}

/* A table is searched in steps, which keeps the verifier's work small. A step returns the address of the
 * entry, 0 at the end of the table, or GO_ON. */
#define TABLE_STEPS  8
#define STEP_ENTRIES (TABLE_ENTRIES / TABLE_STEPS)
#define GO_ON        1

/* The entry whose value is stored at this address, from the entry `first` on. */
__noinline __u64 entry_of_data(__u64 table, __u64 data, __u32 first)
{
	struct ctl_table_header *header = (struct ctl_table_header *)table;
	__u32 size = table_size(header);
	struct ctl_table *entry;

	for (__u32 i = 0; i < STEP_ENTRIES; i++) {
		entry = entry_at(header, first + i);
		if (first + i >= size || !BPF_CORE_READ(entry, procname))
			return 0;
		if ((__u64)BPF_CORE_READ(entry, data) == data)
			return (__u64)entry;
	}
	return GO_ON;
}

/* Adds the setting that is stored at this address. */
__noinline int add_stored(__u64 table, __u64 data, __s64 wanted)
{
	struct sysctl_request *request;
	__u64 entry = GO_ON;

	for (__u32 step = 0; step < TABLE_STEPS && entry == GO_ON; step++)
		entry = entry_of_data(table, data, step * STEP_ENTRIES);
	request = sysctl_request_find();

	barrier_var(
		request); /* otherwise clang combines conditions, and the verifier does not see this one */
	if (!request)
		return 0;
	if (entry && entry != GO_ON)
		add_setting(request, (struct ctl_table_header *)table, (struct ctl_table *)entry, wanted,
			    false);
	else
		request->lost++;
	return 0;
}

/* --- the end ---------------------------------------------------------------------------------------------
 */

static __always_inline void set_stored(struct setting_value *value, __s32 number, bool other_unit)
{
	set_integer(value, number);
	if (other_unit)
		value->type = VALUE_OPAQUE;
}

/* Begins the record of one setting, with its name. */
__noinline int name_requested(__u32 at)
{
	struct sysctl_request *request = sysctl_request_find();
	struct requested_setting *setting;
	struct ctl_table_header *header;
	struct ctl_table *entry;
	struct sysctl_call *call;

	if (!request || at >= REQUEST_SETTINGS)
		return 0;
	setting = setting_at(request, at);
	header = setting->header;
	entry = setting->entry;
	call = sysctl_call_begin(SYSCTL_WRITE);
	if (!call)
		return 0;
	if (name_write(call, header, entry))
		return 1;
	sysctl_call_end();
	return 0;
}

/* Reads its values, and returns its result: a refused request may have set it before another setting was
 * refused. */
__noinline int end_requested(__u32 at, int result)
{
	struct sysctl_request *request = sysctl_request_find();
	struct sysctl_call *call = is_traced(COLLECTOR_SYSCTL) ? sysctl_call_find(SYSCTL_WRITE) : NULL;
	struct requested_setting *setting;
	struct ctl_table *entry;
	__s32 now = 0;

	if (!request || !call || at >= REQUEST_SETTINGS)
		return result;
	setting = setting_at(request, at);
	entry = setting->entry;
	bpf_probe_read_kernel(&now, sizeof(now), BPF_CORE_READ(entry, data));
	call->write.start_ns = request->start_ns;
	set_stored(&call->write.old_value, setting->old, setting->stores_other_unit);
	set_stored(&call->write.new_value, now, setting->stores_other_unit);
	set_integer(&call->write.written, setting->wanted);
	return result < 0 && now != setting->old ? 0 : result;
}

/* All settings of the request have this result. */
__noinline int sysctl_request_leave(int result)
{
	struct sysctl_request *request = sysctl_request_find();
	__u32 count;

	if (!request)
		return 0;
	count = request->count;
	if (request->lost && result >= 0)
		count_lost_update(COLLECTOR_SYSCTL);
	for (__u32 at = 0; at < REQUEST_SETTINGS; at++) {
		if (at >= count)
			break;
		if (!name_requested(at))
			continue;
		record_sysctl_write(0, end_requested(at, result));
		sysctl_call_end();
	}
	sysctl_request_end();
	return 0;
}

#endif
