#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""panels_test.py [EXPORTER PROGRAMS]: every query of every panel, variable and mark of the
dashboards, against a Prometheus that scraped real data. None may fail or come back empty, and
the totals are those of the pages.

With EXPORTER the data come from the running kernel and make_events; skipped where it lets the
exporter see nothing. Without, they are pages that a real exporter served in a guest
(record_pages), which has all collectors."""

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
        self.complaints, self.results = [], {}

    def answer(self, where, expr, instant):
        expr = substitute(expr, self.netns, int(self.end - self.start))
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
        for mark in board["annotations"].get("list", []):
            if "expr" in mark:
                self.mark(f"{board['uid']}: mark {mark['name']}", mark)
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                self.variable(f"{board['uid']}: variable {variable['name']}", variable)

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


def check_totals(check, first, last):
    """The numbers of the overview are exactly what came between the pages."""
    names = {
        "ethtool -m": [("netchange_ethtool_commands_total", 'option="-m"')],
        "ethtool": [("netchange_ethtool_commands_total", "")],
        "XDP": [("netchange_xdp_changes_total", "")],
        "Settings": [("netchange_config_changes_total", "")],
        "Failed": [
            ("netchange_ethtool_command_errors_total", ""),
            ("netchange_xdp_change_errors_total", ""),
            ("netchange_config_write_errors_total", ""),
        ],
    }

    def between(metric, matching=""):
        return total(last, metric, check.netns, matching) - total(
            first, metric, check.netns, matching
        )

    for title, counters in names.items():
        expected = sum(between(*counter) for counter in counters)
        shown = numbers(check.results[f"netchange-overview: {title}"])
        if shown != [expected] or expected == 0:
            check.complaints.append(
                f"netchange-overview: {title} shows {shown}, but it was {expected}"
            )
    # Each event is in just one bar, whatever the distance of the bars to the scrapes.
    for panel, counter in (
        ("ethtool commands", "netchange_ethtool_commands_total"),
        ("XDP changes", "netchange_xdp_changes_total"),
    ):
        expected = between(counter)
        shown = sum(numbers(check.results[f"netchange-overview: {panel}"]))
        if shown != expected:
            check.complaints.append(
                f"netchange-overview: the bars of {panel} sum up to {shown}, not {expected}"
            )


def check_dashboards(source, prometheus):
    first = wait_for(
        "a first scrape", lambda: prometheus.query("netchange_exporter_build_info", time.time())
    )
    start = float(first[0]["value"][0])
    source.play()
    check = Check(prometheus, source.netns, start, time.time())
    files = sorted((SOURCE / "dashboards").glob("netchange-*.json"))
    for file in files:
        check.dashboard(json.loads(file.read_text()))
    check_totals(check, source.first, source.page())
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
            print(f"SKIPPED: the exporter sees no ethtool commands on this kernel: {source.blind}")
            sys.exit(SKIPPED)
        complaints = check_dashboards(source, stack.prometheus(source.address))
    sys.exit("\n".join(complaints) or 0)


main()
