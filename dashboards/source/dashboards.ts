// SPDX-License-Identifier: Apache-2.0
// The three dashboards. dashboards.js DIRECTORY writes them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { DashboardBuilder } from "@grafana/grafana-foundation-sdk/dashboard";

import { Column, events, heat, lines, marks, netchangeDashboard, number, row, rows, sum } from "./panels.js";
import {
  bars, CONFIG, CONFIG_ERRORS, counts, ETHTOOL, ETHTOOL_ERRORS, EVENT, MODULE_EEPROM, NEWEST_EVENTS, SETTING_CHANGED,
  SETTING_VALUE, SLOW, TARGET, total, totals, XDP, XDP_ERRORS,
} from "./queries.js";

const WHERE: Column[] = [
  { label: "job", name: "" }, { label: "instance", name: "Host" }, { label: "device", name: "Device" },
  { label: "netns", name: "Namespace" },
];
const WHO: Column[] = [
  { label: "comm", name: "Process" }, { label: "parent_comm", name: "Parent" }, { label: "unit", name: "Unit" },
];
const EVENTS: Column[] = [{ label: "Value", name: "Events" }];
const ETHTOOL_WHAT: Column[] = [
  { label: "option", name: "Option" }, { label: "command", name: "Command" }, { label: "access", name: "Access" },
  { label: "transport", name: "Transport" },
];
const XDP_WHAT: Column[] = [
  { label: "operation", name: "Operation" }, { label: "mode", name: "Mode" }, { label: "program", name: "Program" },
];
const CONFIG_WHAT: Column[] = [
  { label: "kind", name: "Kind" }, { label: "setting", name: "Setting" }, { label: "queue", name: "Queue" },
  { label: "irq", name: "IRQ" },
];
const AGO = "dateTimeFromNow";
const ALL_ERRORS = [ETHTOOL_ERRORS, XDP_ERRORS, CONFIG_ERRORS];

function overview(): DashboardBuilder {
  return netchangeDashboard("netchange-overview", "Network changes: overview",
    "Recent ethtool commands, XDP changes and setting changes on all hosts, with their callers.", "event")
    .withPanel(number("Hosts", "Hosts whose exporter is scraped.", `count(netchange_exporter_build_info{${TARGET}})`))
    .withPanel(sum("ethtool -m", "Commands that read a transceiver, in the time shown; refused ones, too.",
      total(MODULE_EEPROM)))
    .withPanel(sum("ethtool", "All ethtool commands in the time shown.", total(ETHTOOL)))
    .withPanel(sum("XDP", "XDP programs attached, replaced, detached, or deleted with their device, in the time shown.",
      total(XDP)))
    .withPanel(sum("Settings", "Settings that got another value in the time shown.", total(CONFIG)))
    .withPanel(sum("Failed", "Commands, changes and writes that failed in the time shown.",
      total(...ALL_ERRORS)))
    .withPanel(rows("Newest events", "The newest event of each series.", [NEWEST_EVENTS], [
      { label: "Value", name: "When", unit: AGO }, ...WHERE, ...WHO, ...ETHTOOL_WHAT, ...XDP_WHAT, ...CONFIG_WHAT,
    ], "When").height(10))
    .withPanel(events("By process", "All events, by process, parent and unit.",
      bars("comm, parent_comm, unit", ETHTOOL, XDP, CONFIG), "{{comm}} ← {{parent_comm}} {{unit}}"))
    .withPanel(events("By device", "All events, by host and device.",
      bars("instance, device", ETHTOOL, XDP, CONFIG), "{{instance}} {{device}}"))
    .withPanel(events("ethtool commands", "By option of ethtool(8).",
      bars("option, access", ETHTOOL), "{{option}} ({{access}})"))
    .withPanel(events("Settings changed", "By kind and setting.",
      bars("kind, setting", CONFIG), "{{kind}} {{setting}}"))
    .withPanel(events("XDP changes", "By operation and program.",
      bars("operation, program", XDP), "{{operation}} {{program}}"))
    .withPanel(events("Failures", "By errno, process and unit.",
      bars("errno, comm, unit", ...ALL_ERRORS), "{{errno}} {{comm}} {{unit}}"))
    .withPanel(rows("Most events by process", "Events in the selected time, by process, on all hosts.",
      [`topk(30, ${totals("comm, parent_comm, unit", ETHTOOL, XDP, CONFIG)})`], [...WHO, ...EVENTS],
      "Events").span(12))
    .withPanel(rows("Most events by device", "Events in the selected time, by host and device.",
      [`topk(30, ${totals("job, instance, device, netns", ETHTOOL, XDP, CONFIG)})`], [...WHERE, ...EVENTS],
      "Events").span(12));
}

function host(): DashboardBuilder {
  return netchangeDashboard("netchange-host", "Network changes: host",
    "All events on one or several hosts. Select them above.", "event")
    .annotation(marks("ethtool sets and actions", "orange",
      `netchange_ethtool_last_command_timestamp_seconds{${EVENT},access!="get"}`, "{{device}} {{command}}"))
    .annotation(marks("Slow ethtool commands", "red",
      `netchange_ethtool_last_slow_command_timestamp_seconds{${EVENT}}`, "{{device}} {{command}} (slow)"))
    .annotation(marks("XDP", "purple", `netchange_xdp_last_change_timestamp_seconds{${EVENT}}`,
      "{{device}} XDP {{operation}} {{program}}"))
    .annotation(marks("Settings", "blue", `netchange_config_last_change_timestamp_seconds{${EVENT}}`,
      "{{device}} {{setting}}"))
    .withPanel(events("Timeline", "All events, by process, parent and unit. Marks show the newest event of each series.",
      bars("comm, parent_comm, unit", ETHTOOL, XDP, CONFIG), "{{comm}} ← {{parent_comm}} {{unit}}").span(24))
    .withRow(row("ethtool"))
    .withPanel(events("Commands by option and caller", "By option of ethtool(8), process, parent and unit.",
      bars("option, comm, parent_comm, unit", ETHTOOL), "{{option}} {{comm}} ← {{parent_comm}} {{unit}}"))
    .withPanel(heat("Duration", "Commands by their time in the kernel.",
      counts("le", `netchange_ethtool_command_duration_seconds_bucket{${EVENT}}`)))
    .withPanel(rows("Commands", "Commands in the selected time.",
      [totals("job, instance, device, netns, option, command, access, transport, comm, parent_comm, unit", ETHTOOL)],
      [...WHERE, ...ETHTOOL_WHAT, ...WHO, ...EVENTS], "Events"))
    .withPanel(rows("Slow commands", "Commands that took longer than the exporter's ethtool.slow (100 ms by default).",
      [totals("job, instance, device, netns, option, command, access, transport, comm, parent_comm, unit", SLOW)],
      [...WHERE, ...ETHTOOL_WHAT, ...WHO, ...EVENTS], "Events"))
    .withPanel(rows("Mean duration", "Since the exporter started, by device and command.", [
      `netchange_ethtool_command_duration_seconds_sum{${EVENT}}`
      + ` / netchange_ethtool_command_duration_seconds_count{${EVENT}}`,
    ], [...WHERE, { label: "command", name: "Command" }, { label: "transport", name: "Transport" },
      { label: "Value", name: "Mean", unit: "s" }], "Mean"))
    .withRow(row("XDP"))
    .withPanel(rows("Attached now", "XDP programs on devices.", [`netchange_xdp_attached_info{${EVENT}}`], [
      { label: "__name__", name: "" }, { label: "Value", name: "" }, ...WHERE, { label: "mode", name: "Mode" },
      { label: "program", name: "Program" }, { label: "program_id", name: "Id" }, { label: "tag", name: "Tag" },
    ], "Device").span(12))
    .withPanel(events("Changes", "By operation, program, process, parent and unit.",
      bars("operation, program, comm, parent_comm, unit", XDP),
      "{{operation}} {{program}} {{comm}} ← {{parent_comm}} {{unit}}"))
    .withRow(row("Settings"))
    .withPanel(rows("Settings", "Last value and last writer.", [SETTING_VALUE, SETTING_CHANGED], [
      ...WHERE, ...CONFIG_WHAT, { label: "Value #A", name: "Value" }, { label: "Value #B", name: "Changed", unit: AGO },
      ...WHO,
    ], "Changed").height(10))
    .withPanel(events("Changes by setting and writer", "Writes that changed the value.",
      bars("setting, comm, parent_comm, unit", CONFIG), "{{setting}} {{comm}} ← {{parent_comm}} {{unit}}"))
    .withPanel(events("Failures", "Failed commands, changes and writes, by errno, process and unit.",
      bars("errno, comm, unit", ...ALL_ERRORS), "{{errno}} {{comm}} {{unit}}"));
}

function exporter(): DashboardBuilder {
  const of = (metric: string) => `${metric}{${TARGET}}`;
  return netchangeDashboard("netchange-exporter", "Network changes: exporter health",
    "Whether the exporters work and lose nothing.", "host")
    .withPanel(number("Exporters up", "That answer.",
      `count(up{${TARGET}} == 1 and on (job, instance) netchange_exporter_build_info) or vector(0)`).span(3))
    .withPanel(number("Exporters down", "Exporters that answered in the selected time, but do not answer now.",
      `count(up{${TARGET}} == 0 and on (job, instance)`
      + ` last_over_time(${of("netchange_exporter_build_info")}[$__range])) or vector(0)`).span(3))
    .withPanel(number("Collectors that see", "All hosts together.", `sum(${of("netchange_collector_up")})`).span(3))
    .withPanel(number("Collectors blind", "On all hosts. Their logs and start pages give the reasons.",
      `count(${of("netchange_collector_up")}) - sum(${of("netchange_collector_up")})`).span(3))
    .withPanel(number("Updates lost", "Events without a count, since the exporters started.",
      `sum(${of("netchange_lost_updates_total")})`).span(3))
    .withPanel(number("Events lost", "Events that the event log lost since the exporters started. The counters have them.",
      `sum(${of("netchange_lost_events_total")})`).span(3))
    .withPanel(number("Fullest map", "When a map is full, events of new series are lost.",
      `max(${of("netchange_map_entries")} / ${of("netchange_map_capacity")})`, "percentunit").span(6))
    .withPanel(rows("Collectors", "1: the collector traces its events. 0: it is blind.", [of("netchange_collector_up")], [
      { label: "__name__", name: "" }, { label: "job", name: "" }, { label: "instance", name: "Host" },
      { label: "collector", name: "Collector" }, { label: "Value", name: "Up" },
    ], "Collector").span(12))
    .withPanel(rows("Backends", "Backends in use.",
      [`count by (instance, collector, backend) (${of("netchange_collector_backend_info")})`], [
        { label: "instance", name: "Host" }, { label: "collector", name: "Collector" },
        { label: "backend", name: "Backend" }, { label: "Value", name: "" },
      ], "Collector").span(12))
    .withPanel(rows("Probes", "Hooks on kernel functions and system calls. The start page names the missing ones.",
      [`sum by (instance, collector, state) (${of("netchange_probes")})`], [
        { label: "instance", name: "Host" }, { label: "collector", name: "Collector" },
        { label: "state", name: "State" }, { label: "Value", name: "Hooks" },
      ], "State").span(12))
    .withPanel(rows("Versions", "", [of("netchange_exporter_build_info")], [
      { label: "__name__", name: "" }, { label: "job", name: "" }, { label: "Value", name: "" },
      { label: "instance", name: "Host" }, { label: "version", name: "Version" },
      { label: "revision", name: "Revision" }, { label: "libbpf", name: "libbpf" },
    ], "Version").span(12))
    .withPanel(lines("Maps", "Share of the map's entries in use.",
      `${of("netchange_map_entries")} / ${of("netchange_map_capacity")}`, "{{instance}} {{map}}", "percentunit").max(1))
    .withPanel(lines("Lost", "Since the exporters started.", `sum by (instance, collector) ({${TARGET},`
      + '__name__=~"netchange_lost_(updates|events)_total"})', "{{instance}} {{collector}}"))
    .withPanel(lines("Time of a scrape", "Time to read a collector's maps.",
      of("netchange_scrape_collector_duration_seconds"), "{{instance}} {{collector}}", "s"))
    .withPanel(lines("CPU", "CPU time of the exporter, over 5 minutes.",
      `rate(${of("process_cpu_seconds_total")}[5m]) and on (job, instance) netchange_exporter_build_info`,
      "{{instance}}", "percentunit"))
    .withPanel(lines("Memory", "Memory of the exporter, without its maps in the kernel.",
      `${of("process_resident_memory_bytes")} and on (job, instance) netchange_exporter_build_info`, "{{instance}}",
      "bytes"))
    .withPanel(lines("Series", "Series of each collector.", of("netchange_series"), "{{instance}} {{collector}}"))
    .withPanel(lines("Samples", "Samples per scrape.",
      `${of("scrape_samples_scraped")} and on (job, instance) netchange_exporter_build_info`, "{{instance}}"))
    .withPanel(lines("Clock", "Difference between the clocks of host and Prometheus. Alerts need correct clocks.",
      `abs(${of("netchange_exporter_time_seconds")} - timestamp(${of("netchange_exporter_time_seconds")}))`,
      "{{instance}}", "s"));
}

for (const board of [overview(), host(), exporter()]) {
  const built = board.build();
  writeFileSync(join(process.argv[2], `${built.uid}.json`), JSON.stringify(built, null, 2) + "\n");
}
