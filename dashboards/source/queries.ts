// SPDX-License-Identifier: Apache-2.0
// PromQL of the panels.

// Labels of the target, and those of an event. A device or namespace that is left out matches "All", which is ".*".
export const TARGET = 'job=~"$job",instance=~"$instance"';
export const EVENT = `${TARGET},device=~"$device",netns=~"$netns"`;

export const ETHTOOL = `netchange_ethtool_commands_total{${EVENT}}`;
export const MODULE_EEPROM = `netchange_ethtool_commands_total{${EVENT},option="-m"}`;
export const XDP = `netchange_xdp_changes_total{${EVENT}}`;
export const CONFIG = `netchange_config_changes_total{${EVENT}}`;
export const ETHTOOL_ERRORS = `netchange_ethtool_command_errors_total{${EVENT}}`;
export const XDP_ERRORS = `netchange_xdp_change_errors_total{${EVENT}}`;
export const CONFIG_ERRORS = `netchange_config_write_errors_total{${EVENT}}`;

// Exporters that started anew since the point before, or that were not known then and started at most one interval
// before it. The start moves with the clock of the host, so a change alone says nothing.
const START = `process_start_time_seconds{${TARGET}}`;
const STARTED = `${START} > time() - 2 * $__interval_ms / 1000`
  + ` unless ${START} <= last_over_time(${START}[1h] offset $__interval) + 1`;

// How many were counted since the point before: each event is in just one point. increase() would not see the first one
// of a series, and would guess the others. All that an exporter counted that started since is new. Else it is the
// counter, or the last of it if it went since, less what it was at the point before: of an exporter that could not be
// scraped then, its newest in the hour before. A series that was not there then, of an exporter that was, began at 0.
function counted(counter: string): string {
  const now = `(${counter} or last_over_time(${counter}[$__interval]))`;
  const before = `(${counter} offset $__interval or last_over_time(${counter}[1h] offset $__interval)`
    + ` unless on (job, instance) up{${TARGET}} offset $__interval == 1)`;
  return `${counter} and on (job, instance) (${STARTED})`
    + ` or ${now} - (${before} <= ${now})`
    + ` or ${now} and on (job, instance) max_over_time(up{${TARGET}}[1h] offset $__interval) == 1`;
}

// At each point, zeros too: Grafana takes one bucket of a heat map from the next by their places, not by their times.
export function counts(by: string, ...counters: string[]): string {
  return `sum by (${by}) (${counters.map(counted).join(" or ")})`;
}

// For bars over time: only what happened.
export function bars(by: string, ...counters: string[]): string {
  return `${counts(by, ...counters)} > 0`;
}

// For one number: the panel sums its points up, as those of the bars. A difference over the whole time would lose all
// that was before a restart of the exporter.
export function total(...counters: string[]): string {
  return `${counts("", ...counters)} or vector(0)`;
}

// For a table: the same sum for each row.
export function totals(by: string, ...counters: string[]): string {
  return `sum_over_time((${counts(by, ...counters)})[$__range:$__interval]) > 0`;
}

// Times of the newest events, in ms as Grafana wants them; also of series that are gone since.
const NEWEST = '__name__=~"netchange_(ethtool_last_command|xdp_last_change|config_last_change)_timestamp_seconds"';
export const NEWEST_EVENTS = `topk(50, last_over_time({${NEWEST},${EVENT}}[$__range]) > time() - $__range_s) * 1000`;

// The newest change of each setting says who made it.
const SETTING = "job, instance, kind, setting, device, netns, queue, irq";
const NEWEST_CHANGE = `topk by (${SETTING}) (1, netchange_config_last_change_timestamp_seconds{${EVENT}})`;
export const SETTING_CHANGED = `${NEWEST_CHANGE} * 1000`;
export const SETTING_VALUE = `netchange_config_value{${EVENT}}`
  + ` * on (${SETTING}) group_left (comm, parent_comm) (${NEWEST_CHANGE} ^ 0)`;
