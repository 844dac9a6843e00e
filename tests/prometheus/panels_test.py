#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""panels_test.py [EXPORTER PROGRAMS]: runs every query of every panel, variable and mark of
the dashboards against a Prometheus that scraped real data. No query may fail or return nothing,
and the totals must be those of the pages.

With EXPORTER the data come from the running kernel and make_events; skipped if the exporter is
blind there. Without EXPORTER they are pages that an exporter with all collectors served in a
guest (record_pages)."""

import json
import math
import re
import sys
import time

from stack import SOURCE, LiveExporter, RecordedExporter, Stack, wait_for

SKIPPED = 77  # CTest's SKIP_RETURN_CODE
STEP = 2  # seconds between the points of a graph


def substitute(text, netns, seconds):
    """What Grafana does with its variables: one namespace, because others may make events, too;
    else "All"."""
    values = {
        "job": ".*",
        "instance": ".*",
        "device": ".*",
        "netns": netns,
        "__interval": f"{STEP}s",
        "__interval_ms": str(STEP * 1000),
        "__range": f"{seconds}s",
        "__range_s": str(seconds),
    }
    return re.sub(r"\$(\w+)", lambda name: values[name[1]], text)


def panels(dashboard):
    for panel in dashboard["panels"]:
        yield from panels(panel) if panel.get("panels") else [panel]


def numbers(series):
    return [float(value) for one in series for _, value in one.get("values", [one.get("value")])]


class Check:
    def __init__(self, prometheus, netns, start, end):
        self.prometheus, self.netns, self.start, self.end = prometheus, netns, start, end
        self.complaints, self.results, self.panels = [], {}, {}

    def answer(self, where, expr, instant):
        expr = substitute(expr, self.netns, self.end - self.start)
        if instant:
            series = self.prometheus.query(expr, self.end)
        else:
            series = self.prometheus.query_range(expr, self.start, self.end, STEP)
        values = numbers(series)
        if not values:
            self.complaints.append(f"{where}: empty: {expr}")
        elif not all(map(math.isfinite, values)):
            self.complaints.append(f"{where}: not a number: {expr}")
        return series

    def dashboard(self, board):
        for panel in panels(board):
            if panel["type"] == "row":
                continue
            where = f"{board['uid']}: {panel['title']}"
            if not panel.get("targets"):
                self.complaints.append(f"{where}: no query")
            for target in panel.get("targets", []):
                instant = target.get("instant", False)
                self.results[where] = self.answer(where, target["expr"], instant)
                self.panels[where] = panel
        for mark in board["annotations"].get("list", []):
            if "expr" in mark:
                self.mark(f"{board['uid']}: mark {mark['name']}", mark)
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                self.variable(f"{board['uid']}: variable {variable['name']}", variable)

    def equal(self, where, shown, expected):
        if shown != expected or expected == 0:
            self.complaints.append(f"{where} shows {shown}, but it was {expected}")

    def number(self, where):
        """The number that the panel shows for its points."""
        calculation = self.panels[where]["options"]["reduceOptions"]["calcs"]
        points = numbers(self.results[where])
        return {"sum": sum, "lastNotNull": lambda values: values[-1]}[calculation[0]](points)

    def mark(self, where, mark):
        """Its value is the time to show it at, in ms: one of the last minutes."""
        for value in numbers(self.answer(where, mark["expr"], instant=True)):
            if not self.start - 600 < value / 1000 <= self.end:
                self.complaints.append(f"{where}: {value} is no time of an event")

    def variable(self, where, variable):
        series, label = re.fullmatch(
            r"label_values\((.*), (\w+)\)", variable["query"]["query"]
        ).groups()
        found = self.prometheus.api(
            "series",
            **{"match[]": substitute(series, self.netns, 1), "start": self.start, "end": self.end},
        )
        if not any(label in one for one in found):
            self.complaints.append(f"{where}: no values")


def total(page, metric, netns, matching=""):
    """Sum of a counter over the series of a page that are of a namespace."""
    return sum(
        float(value)
        for labels, value in re.findall(rf"^{metric}\{{(.*)\}} (\S+)$", page, re.M)
        if matching in labels and f'netns="{netns}"' in labels
    )


ETHTOOL = ("netchange_ethtool_commands_total", "")
SLOW = ("netchange_ethtool_slow_commands_total", "")
XDP = ("netchange_xdp_changes_total", "")
CONFIG = ("netchange_config_changes_total", "")
ERRORS = [
    ("netchange_ethtool_command_errors_total", ""),
    ("netchange_xdp_change_errors_total", ""),
    ("netchange_config_write_errors_total", ""),
]
NUMBERS = {
    "netchange-overview: ethtool -m": [(ETHTOOL[0], 'option="-m"')],
    "netchange-overview: ethtool": [ETHTOOL],
    "netchange-overview: XDP": [XDP],
    "netchange-overview: Settings": [CONFIG],
    "netchange-overview: Failed": ERRORS,
}
# Each event is in just one bar, whatever the distance of the bars to the scrapes; and in one row.
SUMS = {
    "netchange-overview: ethtool commands": [ETHTOOL],
    "netchange-overview: XDP changes": [XDP],
    "netchange-overview: By process": [ETHTOOL, XDP, CONFIG],
    "netchange-overview: Most events by process": [ETHTOOL, XDP, CONFIG],
    "netchange-overview: Most events by device": [ETHTOOL, XDP, CONFIG],
    "netchange-host: Commands": [ETHTOOL],
    "netchange-host: Slow commands": [SLOW],
}


def check_totals(check, runs):
    """The shown numbers are exactly the differences between the first and last page of each process."""

    def expected(counters):
        return sum(
            total(last, metric, check.netns, matching) - total(first, metric, check.netns, matching)
            for first, last in runs
            for metric, matching in counters
        )

    for where, counters in NUMBERS.items():
        check.equal(where, check.number(where), expected(counters))
    for where, counters in SUMS.items():
        check.equal(where, sum(numbers(check.results[where])), expected(counters))


def check_heat_map(check):
    """Grafana subtracts buckets by the position of their points."""
    times = {
        tuple(time for time, _ in bucket["values"])
        for bucket in check.results["netchange-host: Duration"]
    }
    if len(times) != 1:
        check.complaints.append(f"netchange-host: Duration: {len(times)} different lists of times")


def check_down(check, when):
    """Panels while the exporter does not answer, after it had events."""
    for where, expected in (
        ("netchange-exporter: Exporters up", [0]),
        ("netchange-exporter: Exporters down", [1]),
        ("netchange-overview: Newest events", None),
    ):
        expr = check.panels[where]["targets"][0]["expr"]
        expr = substitute(expr, check.netns, check.end - check.start)
        shown = numbers(check.prometheus.query(expr, when))
        if not shown or expected not in (None, shown):
            check.complaints.append(f"{where} shows {shown} of an exporter that is down")


def next_point():
    """Waits until it is available, and returns its time."""
    point = (int(time.time()) // STEP + 1) * STEP
    time.sleep(max(point - time.time(), 0))
    return point


def check_dashboards(source, prometheus):
    wait_for(
        "a first scrape", lambda: prometheus.query("netchange_exporter_build_info", time.time())
    )
    start = next_point()
    source.play()
    check = Check(prometheus, source.netns, start, next_point())
    files = sorted((SOURCE / "dashboards").glob("netchange-*.json"))
    for file in files:
        check.dashboard(json.loads(file.read_text()))
    check_totals(check, source.runs())
    check_heat_map(check)
    if source.down:
        check_down(check, source.down)
    assert len(files) == 3, files
    print(
        f"{len(check.results)} panels of {len(files)} dashboards: {len(check.complaints)} complaints"
    )
    return check.complaints


def main():
    with (
        Stack() as stack,
        LiveExporter(stack, *sys.argv[1:]) if sys.argv[1:] else RecordedExporter() as source,
    ):
        if source.blind:
            print(f"SKIPPED: the exporter cannot trace ethtool commands on this kernel: {source.blind}")
            sys.exit(SKIPPED)
        complaints = check_dashboards(source, stack.prometheus(source.address))
    sys.exit("\n".join(complaints) or 0)


main()
