/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The logic of configuration writes, called by a test with its own values (bpf_prog_test_run). */
#include "bpf/sysctl.bpf.h"

#include "config_logic.h"

SEC("syscall")
int record(struct config_record *record)
{
	struct sysctl_call *call = sysctl_call_begin(SYSCTL_WRITE);
	struct config_write *write;

	if (!call)
		return 1;
	write = &call->write;
	write->key.kind = CONFIG_KIND_SYSCTL;
	write->key.setting[0] = record->setting;
	write->old_value = record->old_value;
	write->new_value = record->new_value;
	write->written = record->written;
	write->no_value = record->no_value;
	write->position = record->position;
	record_sysctl_write(0, record->result);
	sysctl_call_end();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
