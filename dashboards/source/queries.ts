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

// How many were counted in the time before each point: with a panel's step as the time, each event is in just one
// point. increase() would not see the first one of a series, and would guess the others. A series that was not there
// in the hour before, of an exporter that was, began at 0; one that fell, too, when its exporter started anew.
export function counted(counter: string, time: string): string {
  return `(${counter} - (last_over_time(${counter}[1h] offset ${time}) <= ${counter})`
    + ` or ${counter} and on (job, instance) (max_over_time(up{${TARGET}}[1h] offset ${time}) == 1))`;
}

// For bars over time: only what happened.
export function bars(by: string, ...counters: string[]): string {
  return `sum by (${by}) (${counters.map((counter) => counted(counter, "$__interval")).join(" or ")}) > 0`;
}

// For one number or a table: of the whole time that is shown.
export function total(by: string, ...counters: string[]): string {
  return `sum by (${by}) (${counters.map((counter) => counted(counter, "$__range")).join(" or ")})`;
}

// Times of the newest events, in ms as Grafana wants them.
const NEWEST = '__name__=~"netchange_(ethtool_last_command|xdp_last_change|config_last_change)_timestamp_seconds"';
export const NEWEST_EVENTS = `topk(50, {${NEWEST},${EVENT}} > time() - $__range_s) * 1000`;

// The newest change of each setting says who made it.
const SETTING = "job, instance, kind, setting, device, netns, queue, irq";
const NEWEST_CHANGE = `topk by (${SETTING}) (1, netchange_config_last_change_timestamp_seconds{${EVENT}})`;
export const SETTING_CHANGED = `${NEWEST_CHANGE} * 1000`;
export const SETTING_VALUE = `netchange_config_value{${EVENT}}`
  + ` * on (${SETTING}) group_left (comm, parent_comm) (${NEWEST_CHANGE} ^ 0)`;
