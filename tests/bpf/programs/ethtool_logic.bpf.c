/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The logic of the ethtool collector, called by a test with its own values (bpf_prog_test_run). */
#include "bpf/ethtool.bpf.h"

#include "ethtool_logic.h"

SEC("syscall")
int record(struct ethtool_record *record)
{
	struct ethtool_call *call = ethtool_call_begin();

	if (!call)
		return 1;
	call->start_ns = bpf_ktime_get_boot_ns();
	call->key.device.netns = record->netns;
	call->key.device.name[0] = record->device;
	call->key.command = record->command;
	call->key.transport = record->transport;
	record_ethtool_command(call, record->result);
	ethtool_call_end();
	return 0;
}

/* A call whose exit is missed. */
SEC("syscall")
int begin_only(void *ctx)
{
	(void)ctx;
	return ethtool_call_begin() ? 0 : 1;
}

struct netlink_request request = {};
struct device_ref found = {};

SEC("syscall")
int parse(void *ctx)
{
	(void)ctx;
	__builtin_memset(&found, 0, sizeof(found));
	read_requested_device(&found, payload_at(request.attributes, request.size));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
