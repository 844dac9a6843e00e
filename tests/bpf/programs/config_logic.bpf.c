/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The logic of configuration writes, to be called with values of the test's choice (bpf_prog_test_run). */
#include "bpf/sysctl.bpf.h"

#include "config_logic.h"

SEC("syscall")
int record(struct config_record *record)
{
	struct config_write *write = call_begin(0, 0);

	if (!write)
		return 1;
	write->start_ns = bpf_ktime_get_boot_ns();
	write->key.kind = CONFIG_KIND_SYSCTL;
	write->key.setting[0] = record->setting;
	write->old_value = record->old_value;
	write->new_value = record->new_value;
	write->written = record->written;
	write->written_size = record->written.size;
	write->no_value = record->no_value;
	record_write(write, record->result);
	call_end(0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
