// SPDX-License-Identifier: Apache-2.0
// PromQL of the panels.

// Labels of the target, and labels of an event. An absent device or namespace matches "All", which is ".*".
export const TARGET = 'job=~"$job",instance=~"$instance"';
export const EVENT = `${TARGET},device=~"$device",netns=~"$netns"`;

export const ETHTOOL = `netchange_ethtool_commands_total{${EVENT}}`;
export const MODULE_EEPROM = `netchange_ethtool_commands_total{${EVENT},option="-m"}`;
export const SLOW = `netchange_ethtool_slow_commands_total{${EVENT}}`;
export const XDP = `netchange_xdp_changes_total{${EVENT}}`;
export const CONFIG = `netchange_config_changes_total{${EVENT}}`;
export const ETHTOOL_ERRORS = `netchange_ethtool_command_errors_total{${EVENT}}`;
export const XDP_ERRORS = `netchange_xdp_change_errors_total{${EVENT}}`;
export const CONFIG_ERRORS = `netchange_config_write_errors_total{${EVENT}}`;

// Exporters that restarted since the previous point, or that were unknown then and started at most one interval
// before it. The start time moves with the host's clock, so a change alone does not mean a restart.
const START = `process_start_time_seconds{${TARGET}}`;
const STARTED = `${START} > time() - 2 * $__interval_ms / 1000`
  + ` unless ${START} <= last_over_time(${START}[1h] offset $__interval) + 1`;

// Events since the previous point: each event is in exactly one point. increase() would miss the first event of a
// series, and extrapolate the others. If the exporter started since, its whole count is new. Otherwise it is the counter
// (or its last sample, if the series ended since) minus its value at the previous point; if the exporter could not be
// scraped then, minus its newest value in the hour before. A new series of a known exporter began at 0.
function counted(counter: string): string {
  const now = `(${counter} or last_over_time(${counter}[$__interval]))`;
  const before = `(${counter} offset $__interval or last_over_time(${counter}[1h] offset $__interval)`
    + ` unless on (job, instance) up{${TARGET}} offset $__interval == 1)`;
  return `${counter} and on (job, instance) (${STARTED})`
    + ` or ${now} - (${before} <= ${now})`
    + ` or ${now} and on (job, instance) max_over_time(up{${TARGET}}[1h] offset $__interval) == 1`;
}

// Includes zeros, because Grafana subtracts the buckets of a heat map by position, not by time.
export function counts(by: string, ...counters: string[]): string {
  return `sum by (${by}) (${counters.map(counted).join(" or ")})`;
}

// For bars over time: without zeros.
export function bars(by: string, ...counters: string[]): string {
  return `${counts(by, ...counters)} > 0`;
}

// For one number: the panel adds up its points, which are those of the bars. A difference over the whole time would lose
// the counts before a restart of the exporter.
export function total(...counters: string[]): string {
  return `${counts("", ...counters)} or vector(0)`;
}

// For a table: the same sum per row.
export function totals(by: string, ...counters: string[]): string {
  return `sum_over_time((${counts(by, ...counters)})[$__range:$__interval]) > 0`;
}

// Times of the newest events, in ms as Grafana expects them; includes series that ended since.
const NEWEST = '__name__=~"netchange_(ethtool_last_command|xdp_last_change|config_last_change)_timestamp_seconds"';
export const NEWEST_EVENTS = `topk(50, last_over_time({${NEWEST},${EVENT}}[$__range]) > time() - $__range_s) * 1000`;

// The newest change of each setting, with its writer.
const SETTING = "job, instance, kind, setting, device, netns, queue, irq";
const NEWEST_CHANGE = `topk by (${SETTING}) (1, netchange_config_last_change_timestamp_seconds{${EVENT}})`;
export const SETTING_CHANGED = `${NEWEST_CHANGE} * 1000`;
export const SETTING_VALUE = `netchange_config_value{${EVENT}}`
  + ` * on (${SETTING}) group_left (comm, parent_comm, unit) (${NEWEST_CHANGE} ^ 0)`;
