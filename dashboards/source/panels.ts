// SPDX-License-Identifier: Apache-2.0
// Kinds of panels, and other parts that all dashboards share.
import * as common from "@grafana/grafana-foundation-sdk/common";
import * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import * as heatmap from "@grafana/grafana-foundation-sdk/heatmap";
import * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import * as stat from "@grafana/grafana-foundation-sdk/stat";
import * as table from "@grafana/grafana-foundation-sdk/table";
import * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";

import { TARGET } from "./queries.js";

const DATASOURCE = { type: "prometheus", uid: "${datasource}" };
const HEIGHT = 8;

// All panels that count events use the same interval, so numbers and tables are the sum of the bars.
const INTERVAL = "1m"; // at least
const POINTS = 500; // bars that fit into half the width of a screen

function query(expr: string, refId = "A"): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder().datasource(DATASOURCE).expr(expr).refId(refId);
}

function oneNumber(title: string, description: string, calculation: string): stat.PanelBuilder {
  return new stat.PanelBuilder()
    .title(title).description(description).datasource(DATASOURCE).height(4).span(4)
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs([calculation]));
}

// One number: the value at the end of the selected time.
export function number(title: string, description: string, expr: string, unit = "short"): stat.PanelBuilder {
  return oneNumber(title, description, "lastNotNull").unit(unit).withTarget(query(expr).instant());
}

// One number: the sum of all points of the selected time.
export function sum(title: string, description: string, expr: string): stat.PanelBuilder {
  return oneNumber(title, description, "sum").unit("short").interval(INTERVAL).maxDataPoints(POINTS)
    .withTarget(query(expr).range());
}

// Events as bars. A bar is as wide as the time that it counts.
export function events(title: string, description: string, expr: string, legend: string): timeseries.PanelBuilder {
  return lines(title, description, expr, legend)
    .interval(INTERVAL).maxDataPoints(POINTS)
    .drawStyle(common.GraphDrawStyle.Bars).fillOpacity(80).lineWidth(0).decimals(0)
    .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
}

export function lines(title: string, description: string, expr: string, legend: string,
                      unit = "short"): timeseries.PanelBuilder {
  return new timeseries.PanelBuilder()
    .title(title).description(description).datasource(DATASOURCE).unit(unit).min(0).height(HEIGHT).span(12)
    .legend(new common.VizLegendOptionsBuilder().showLegend(true).placement(common.LegendPlacement.Bottom)
      .displayMode(common.LegendDisplayMode.List))
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi))
    .withTarget(query(expr).range().legendFormat(legend));
}

export interface Column {
  label: string; // of the series, or "Value"
  name: string; // as shown; "" hides it
  unit?: string;
}

const TIME_COLUMN: Column = { label: "Time", name: "" };

// Rows of one or several instant queries, merged by their labels. Values are "Value", or "Value #A", ….
export function rows(title: string, description: string, exprs: string[], columns: Column[],
                     sortBy: string): table.PanelBuilder {
  const all = [...columns, TIME_COLUMN];
  const panel = new table.PanelBuilder()
    .title(title).description(description).datasource(DATASOURCE).height(HEIGHT).span(24).filterable(true)
    .interval(INTERVAL).maxDataPoints(POINTS)
    .sortBy([new common.TableSortByFieldStateBuilder().displayName(sortBy).desc(true)])
    .withTransformation({ id: "merge", options: {} })
    .withTransformation({
      id: "organize",
      options: {
        excludeByName: Object.fromEntries(all.filter((column) => !column.name).map((column) => [column.label, true])),
        indexByName: Object.fromEntries(columns.map((column, index) => [column.label, index])),
        renameByName: Object.fromEntries(columns.filter((column) => column.name)
          .map((column) => [column.label, column.name])),
      },
    });
  exprs.forEach((expr, index) => panel.withTarget(
    query(expr, String.fromCharCode(65 + index)).instant().format(prometheus.PromQueryFormat.Table)));
  for (const column of columns) {
    if (column.unit) panel.overrideByName(column.name, [{ id: "unit", value: column.unit }]);
  }
  return panel;
}

export function heat(title: string, description: string, expr: string): heatmap.PanelBuilder {
  return new heatmap.PanelBuilder()
    .title(title).description(description).datasource(DATASOURCE).height(HEIGHT).span(12)
    .interval(INTERVAL).maxDataPoints(POINTS).calculate(false).yAxis(new heatmap.YAxisConfigBuilder().unit("s"))
    .withTarget(query(expr).range().format(prometheus.PromQueryFormat.Heatmap).legendFormat("{{le}}"));
}

export function row(title: string): dashboard.RowBuilder {
  return new dashboard.RowBuilder(title);
}

// Events as marks on all panels. The value of a series is the time of its mark.
export function marks(name: string, color: string, gauge: string, title: string): dashboard.AnnotationQueryBuilder {
  return new dashboard.AnnotationQueryBuilder()
    .name(name).datasource(DATASOURCE).enable(true).iconColor(color)
    .expr(`${gauge} * 1000`).step("60s").useValueForTime(true)
    .titleFormat(title).textFormat("{{comm}} {{unit}}, started by {{parent_comm}}");
}

function choice(name: string, label: string, series: string, all = true): dashboard.QueryVariableBuilder {
  const variable = new dashboard.QueryVariableBuilder(name)
    .label(label).datasource(DATASOURCE).refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .query({ query: `label_values(${series}, ${name})`, refId: name });
  return all ? variable.multi(true).includeAll(true).allValue(".*")
    .current({ text: "All", value: "$__all", selected: true }) : variable;
}

const COUNTERS = '__name__=~"netchange_(ethtool_commands|xdp_changes|config_writes)_total"';

export function netchangeDashboard(uid: string, title: string, description: string,
                                   variables: "host" | "event"): dashboard.DashboardBuilder {
  const board = new dashboard.DashboardBuilder(title)
    .uid(uid).description(description).tags(["netchange"]).editable().refresh("30s").timezone("browser")
    .time({ from: "now-3h", to: "now" }).tooltip(dashboard.DashboardCursorSync.Crosshair)
    .link(new dashboard.DashboardLinkBuilder("netchange").type(dashboard.DashboardLinkType.Dashboards)
      .tags(["netchange"]).includeVars(true).keepTime(true))
    .withVariable(new dashboard.DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"))
    .withVariable(choice("job", "Job", "netchange_exporter_build_info"))
    .withVariable(choice("instance", "Host", 'netchange_exporter_build_info{job=~"$job"}'));
  if (variables === "event") {
    board.withVariable(choice("device", "Device", `{${COUNTERS},${TARGET}}`))
      .withVariable(choice("netns", "Namespace", `{${COUNTERS},${TARGET}}`));
  }
  return board;
}
