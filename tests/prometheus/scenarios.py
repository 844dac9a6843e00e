# SPDX-License-Identifier: Apache-2.0
"""The scenarios of an alert, made from its case in rule_cases.py, as tests for promtool."""

import datetime
import re

from expected import selector
from rule_cases import GONE, LAST_SLOW, NOW
from timeline import EVENT, STEP, WINDOW, Clock, name_of, values

HOSTS = ["h1:10417", "h2:10417", "h3:10417"]


def target(host, gaps=(), restarts=()):
    """The series that every scrape has. `gaps`: (from, to) without success; `restarts`: ends of
    some of them."""
    labels = {"job": "netchange", "instance": host}
    up, info, start, clock = [(0, 1)], [(0, 1)], [(0, 0)], [(0, Clock())]
    for begin, end in gaps:
        up += [(begin, 0), (end, 1)]
        info += [(begin, None), (end, 1)]
        start += [(begin, None), (end, end if end in restarts else start[-1][1])]
        clock += [(begin, None), (end, Clock())]
    return [
        ("up", labels, up),
        ("netchange_exporter_build_info", labels, info),
        ("process_start_time_seconds", labels, start),
        ("netchange_exporter_time_seconds", labels, clock),
    ]


def found(host, time, started):
    """The same of an exporter that Prometheus found at `time`."""
    first = {"process_start_time_seconds": started}
    return [
        (metric, labels, [(0, None), (time, first.get(metric, parts[0][1]))])
        for metric, labels, parts in target(host)
    ]


def event_series(series, host, time=EVENT, gaps=(), end=None):
    """As scraped when the event happens at `time`. `end`: when a restart takes the series away for
    good."""
    found = []
    for one in series:
        after = {NOW: time, GONE: None}.get(one.after, one.after)
        parts = [(0, one.before), (time, after)]
        for begin, back in gaps:
            parts += [(begin, None)] + ([(back, after)] if end is None else [])
        found.append((one.metric, {"job": "netchange", "instance": host, **one.labels}, parts))
    return found


def input_series(*groups):
    """Later ones win over earlier ones of the same name: an event may be that of `up`."""
    series = {
        name_of(metric, labels): values(parts)
        for group in groups
        for metric, labels, parts in group
    }
    return [{"series": name, "values": text} for name, text in series.items()]


def text(template, host, time):
    stamp = datetime.datetime.fromtimestamp(time, datetime.timezone.utc)
    return template.format(host=host, time=stamp.strftime("%Y-%m-%d %H:%M:%S +0000 UTC"))


def exchange(told, first, labels):
    """What the first alert says, said of another."""
    for name in ("comm", "parent_comm", "unit", "setting"):
        if name in first:
            told = re.sub(rf"(?<= ){re.escape(first[name])}(?=[ ,)])", labels[name], told)
    return told.replace(
        f"device: {first.get('device', 'none')}", f"device: {labels.get('device', 'none')}"
    )


def without_names(labels):
    return {name: value for name, value in labels.items() if name not in ("comm", "parent_comm", "unit")}


class Suite:
    def __init__(self, rules):
        self.rules = {
            rule["alert"]: rule
            for group in rules["groups"]
            for rule in group["rules"]
            if "alert" in rule
        }
        self.tests = []

    def expected(self, case, host, time):
        """The alerts of the case. Of further ones than the first, what its text has from labels is
        exchanged."""
        alerts = []
        for labels in case.labels:
            annotations = {
                "summary": text(case.summary, host, time),
                "description": text(case.description, host, time),
            }
            for name, told in annotations.items():
                annotations[name] = exchange(told, case.labels[0], labels)
            annotations["runbook_url"] = self.rules[case.alert]["annotations"]["runbook_url"]
            alerts.append(
                {
                    "exp_labels": {
                        "severity": case.severity,
                        "job": "netchange",
                        "instance": host,
                        **labels,
                    },
                    "exp_annotations": annotations,
                }
            )
        return alerts

    def add(self, name, case, series, expectations):
        """`expectations`: {seconds: alerts}."""
        self.tests.append(
            {
                "name": f"{case.alert}: {name}",
                "interval": f"{STEP}s",
                "input_series": input_series(*series),
                "alert_rule_test": [
                    {"eval_time": f"{time}s", "alertname": case.alert, "exp_alerts": alerts}
                    for time, alerts in expectations.items()
                ],
            }
        )

    def one_event(self, case):
        host = HOSTS[0]
        fires = self.expected(case, host, EVENT)
        expectations = {EVENT - STEP: [], EVENT + case.pending: fires}
        if case.pending:
            expectations[EVENT + case.pending - STEP] = []
        if case.clears:
            expectations |= {EVENT + WINDOW - STEP: fires, EVENT + WINDOW + STEP: []}
        self.add(
            "fires on one event, and clears",
            case,
            [target(host), event_series(case.series, host)],
            expectations,
        )

    def state_ends(self, case):
        """Alerts on a state clear when it ends."""
        host, end = HOSTS[0], EVENT + 600
        labels = {"job": "netchange", "instance": host}
        ended = [
            (
                one.metric,
                {**labels, **one.labels},
                [
                    (0, one.before),
                    (EVENT, None if one.after == GONE else one.after),
                    (end, one.before),
                ],
            )
            for one in case.series
        ]
        self.add(
            "clears when it is over",
            case,
            [target(host), ended],
            {EVENT + case.pending: self.expected(case, host, EVENT), end + STEP: []},
        )

    def too_little(self, case):
        host = HOSTS[0]
        self.add(
            "does not fire on what looks alike",
            case,
            [target(host), event_series(case.too_little, host)],
            {time: [] for time in (EVENT, EVENT + 60, EVENT + WINDOW)},
        )

    def restart(self, case):
        """The exporter is away for a minute; what it counted is gone, and stays so. An alert that rests
        on a time is on until its window is over."""
        host, gap = HOSTS[0], (EVENT + 120, EVENT + 180)
        on = self.expected(case, host, EVENT) if case.stays else []
        self.add(
            "does not fire again after a restart",
            case,
            [
                target(host, [gap], [gap[1]]),
                event_series(case.series, host, gaps=[gap], end=gap[0]),
            ],
            {
                **{time: on for time in (gap[1], gap[1] + 60, EVENT + WINDOW - STEP)},
                **{time: [] for time in (EVENT + WINDOW + STEP, gap[1] + WINDOW + 60)},
            },
        )

    def event_after_restart(self, case, more):
        """The counts are back: of one event since. `more`: how much higher they were before."""
        host, gap, again = HOSTS[0], (EVENT + 1200, EVENT + 1260), EVENT + 1320
        series = []
        for one in case.series:
            after = again if one.after == NOW else one.after
            before = EVENT if one.after == NOW else one.after + more
            series.append(
                (
                    one.metric,
                    {"job": "netchange", "instance": host, **one.labels},
                    [(0, None), (EVENT, before), (gap[0], None), (again, after)],
                )
            )
        self.add(
            f"fires on an event after a restart, from {more} more",
            case,
            [target(host, [gap], [gap[1]]), series],
            {
                gap[1]: [],
                again - STEP: [],
                again: self.expected(case, host, again),
                again + WINDOW + STEP: [],
            },
        )

    def gap(self, case):
        """The exporter ran on, but could not be scraped for ten minutes after the alert was over."""
        host, gap = HOSTS[0], (EVENT + WINDOW + 60, EVENT + WINDOW + 660)
        self.add(
            "does not fire again after a gap in the scrapes",
            case,
            [target(host, [gap]), event_series(case.series, host, gaps=[gap])],
            {
                EVENT: self.expected(case, host, EVENT),
                **{
                    time: []
                    for time in (gap[0], gap[1], gap[1] + 60, gap[1] + 600, gap[1] + WINDOW)
                },
            },
        )

    def event_in_gap(self, case):
        """Cut off by what it should tell of, for longer than the alert looks back."""
        host, gap = HOSTS[0], (EVENT - STEP, EVENT + WINDOW + 60)
        series = [
            (
                one.metric,
                {"job": "netchange", "instance": host, **one.labels},
                [
                    (0, one.before),
                    (gap[0], None),
                    (gap[1], EVENT if one.after == NOW else one.after),
                ],
            )
            for one in case.series
        ]
        fires = self.expected(case, host, EVENT) if case.told_after_gap else []
        self.add(
            ("fires" if fires else "does not fire") + " on an event in a gap of the scrapes",
            case,
            [target(host, [gap]), series],
            {
                gap[1] - STEP: [],
                gap[1]: fires,
                gap[1] + WINDOW - STEP: fires,
                gap[1] + WINDOW + STEP: [],
            },
        )

    def young_exporter(self, case):
        """Found by Prometheus some time after its start; the event is when it is 15 minutes old."""
        host, age = HOSTS[0], 120
        begin = EVENT - WINDOW + age
        there = found(host, begin, begin - age)
        fires = self.expected(case, host, EVENT)
        self.add(
            "fires, and without a break, when the exporter is 15 minutes old",
            case,
            [there, event_series(self.quiet(case), host, begin), event_series(case.series, host)],
            {EVENT - STEP: [], **{EVENT + late: fires for late in range(0, 300, STEP)}},
        )

    def nameless(self, case):
        """The exporter shows no processes (`labels: {comm: false, parent_comm: false, unit: false}`)."""
        host = HOSTS[0]
        who = case.labels[0]["comm"], case.labels[0].get("parent_comm", "an unknown process")
        unit = case.labels[0].get("unit")
        text = f"{who[0]}{f' (unit {unit})' if unit else ''}, started by {who[1]},"
        series = [
            type(one)(one.metric, without_names(one.labels), one.after, one.before)
            for one in case.series
        ]
        alerts = self.expected(case, host, EVENT)
        for alert in alerts:
            alert["exp_labels"] = without_names(alert["exp_labels"])
            told = alert["exp_annotations"]["description"]
            assert text in told, told
            alert["exp_annotations"]["description"] = told.replace(
                text, "an unknown process, started by an unknown process,"
            )
        self.add(
            "fires where processes are not shown",
            case,
            [target(host), event_series(series, host)],
            {EVENT: alerts},
        )

    def unknown_host(self, case):
        """Prometheus sees for the first time an exporter that counted long ago."""
        host = HOSTS[0]
        late = found(host, EVENT, -9999)
        old = [
            (
                one.metric,
                {"job": "netchange", "instance": host, **one.labels},
                [(0, None), (EVENT, EVENT - 5000 if one.after == NOW else one.after)],
            )
            for one in case.series
        ]
        self.add(
            "does not fire on old events of a host that is new to Prometheus",
            case,
            [late, old],
            {time: [] for time in (EVENT, EVENT + 60, EVENT + WINDOW, EVENT + WINDOW + 60)},
        )

    def several_hosts(self, case):
        first, _, last = HOSTS
        later = EVENT + 60
        both = self.expected(case, first, EVENT) + self.expected(case, last, later)
        self.add(
            "names the right ones of several hosts",
            case,
            [
                *map(target, HOSTS),
                *[event_series(self.quiet(case), host) for host in HOSTS],
                event_series(case.series, first),
                event_series(case.series, last, later),
            ],
            {EVENT + case.pending: self.expected(case, first, EVENT), later + case.pending: both},
        )

    @staticmethod
    def quiet(case):
        """The series of a host where nothing happens."""
        return [
            type(one)(one.metric, one.labels, one.before, one.before)
            for one in case.series
            if one.before is not None
        ]

    def event_scenarios(self, case):
        self.one_event(case)
        self.several_hosts(case)
        if case.too_little:
            self.too_little(case)
        if case.clears:
            self.restart(case)
            for more in (0, 40):
                self.event_after_restart(case, more)
            self.gap(case)
            self.event_in_gap(case)
            self.young_exporter(case)
            self.unknown_host(case)
            if case.callers and case.one_process:
                self.nameless(case)
        else:
            self.state_ends(case)

    def expected_scenarios(self, case, listed):
        """`listed`: whether the rules that this is for have the callers in their list. Else they have
        others, and the alert comes one evaluation later."""
        host = HOSTS[0]
        fires = [] if listed else self.expected(case, host, EVENT)
        self.add(
            "does not fire for an expected caller"
            if listed
            else "fires for a caller that is not in the list",
            case,
            [target(host), event_series(case.series, host)],
            {EVENT: [], **{EVENT + late: fires for late in (STEP, 2 * STEP, WINDOW - STEP)}},
        )


def selectors(case, **more):
    """Of the callers of the case: those of the metrics that its alert rests on. The line for a caller's
    commands is also one for its slow commands."""
    metrics = {one.metric for one in case.series if one.after == NOW} - {LAST_SLOW}
    return [
        selector(metric, **{"parent_comm": "", "unit": "", **caller, **more})
        for metric in sorted(metrics)
        for caller in case.callers
    ]


def no_target(suite):
    """No exporter at all."""
    annotations = {
        "summary": "netchange_exporter on every host is no longer a target",
        "description": "Prometheus has scraped no netchange_exporter for an hour. Changes to the network"
        " cause no alerts.",
        "runbook_url": suite.rules["NetchangeExporterAbsent"]["annotations"]["runbook_url"],
    }
    return {
        "name": "NetchangeExporterAbsent: no target at all",
        "interval": f"{STEP}s",
        "input_series": [{"series": 'up{job="other"}', "values": "1+0x100"}],
        "alert_rule_test": [
            {
                "eval_time": f"{seconds}s",
                "alertname": "NetchangeExporterAbsent",
                "exp_alerts": alerts,
            }
            for seconds, alerts in {
                300 - STEP: [],
                300: [
                    {
                        "exp_labels": {"severity": "warning"},
                        "exp_annotations": annotations,
                    }
                ],
            }.items()
        ],
    }
