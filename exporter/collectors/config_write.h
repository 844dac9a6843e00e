// SPDX-License-Identifier: Apache-2.0
// Shared by the collectors of configuration writes: their entries have the same key, their events
// the same form.
#pragma once

#include <cstdint>
#include <string>

#include "bpf/abi/config_write.h"
#include "bpf/abi/event.h"
#include "bpf/abi/setting_value.h"
#include "collectors/event_description.h"
#include "collectors/running_collector.h"
#include "collectors/scrape.h"
#include "metrics/label_schema.h"

namespace netchange {

/// Reads the maps `<object>_writes` and `<object>_values`, and adds their families.
Status CollectConfigWrites(RunningCollector& collector, Scrape& scrape);

/// Counts a pending change that the next part of its text can no longer take back. `now_ns`:
/// CLOCK_BOOTTIME, before the entry was read.
void SettlePending(config_write_counters& counters, std::uint64_t now_ns);

/// What the entries of these maps look like on the page.
const Schema<config_write_key, config_write_counters>& ConfigWriteSchema();
const Schema<config_value_key, config_value>& ConfigValueSchema();

/// Text of a configuration write: setting, old value and new value.
EventDescription DescribeConfigWrite(const event& e);
/// The same; `text` renders a value, as printable text.
EventDescription DescribeConfigWrite(const event& e, std::string (*text)(const setting_value&));

}  // namespace netchange
