# SPDX-License-Identifier: Apache-2.0
"""Situations in which an alert must neither be missed nor be false: other target labels, wrong clocks,
hosts that are cut off, jobs and clusters of any name."""

from dataclasses import dataclass, field

from rule_cases import LAST_COMMAND, LAST_CONFIG, LAST_SLOW, LAST_XDP, LAST_XDP_ERROR, LONG_AGO
from timeline import EVENT, STEP, WINDOW, Clock, name_of, values

HOUR, DAY = 3600, 86400
MODULE, ACTION, SET = "NetchangeModuleEepromRead", "NetchangeEthtoolAction", "NetchangeEthtoolSet"
DOWN, MANY = "NetchangeExporterDown", "NetchangeManyExportersDown"
ABSENT, UNUSED = "NetchangeExporterAbsent", "NetchangeExpectedUnused"
SLOW, FAILED = "NetchangeEthtoolSlow", "NetchangeXdpChangeFailed"
SKEW, LOST = "NetchangeClockSkew", "NetchangeUpdatesLost"


@dataclass
class Situation:
    name: str
    series: list  # (metric, labels, parts)
    firing: dict  # {(seconds, alert): labels of each alert that is on, without severity}
    expected: list = field(default_factory=list)  # selectors of the list of expected callers
    texts: list = field(default_factory=list)  # (seconds, alert, severity, labels, annotations)
    scrapes: int = 150

    def alerts(self):
        return {alert for _, alert in self.firing} | {alert for _, alert, *_ in self.texts}

    def test(self):
        return {
            "name": self.name,
            "interval": f"{STEP}s",
            "input_series": [
                {
                    "series": name_of(metric, labels),
                    "values": values(parts, 1 if parts is MONTH_AGO else self.scrapes),
                }
                for metric, labels, parts in self.series
            ],
            "promql_expr_test": [
                {
                    "expr": f'sum without (severity, alertstate) (ALERTS{{alertname="{alert}",'
                    'alertstate="firing"})',
                    "eval_time": f"{seconds}s",
                    "exp_samples": [
                        {"labels": name_of("", {"alertname": alert, **one}), "value": 1}
                        for one in labels
                    ],
                }
                for (seconds, alert), labels in self.firing.items()
            ],
            "alert_rule_test": [
                {
                    "eval_time": f"{seconds}s",
                    "alertname": alert,
                    "exp_alerts": [
                        {
                            "exp_labels": {"severity": severity, **labels},
                            "exp_annotations": annotations,
                        }
                    ],
                }
                for seconds, alert, severity, labels, annotations in self.texts
            ],
        }


def host(name, gap=None, start=0, restart=None, job="netchange", last=1, ahead=0, began=LONG_AGO, **labels):
    """What every scrape of a target has, from `start` to `last`, but not in the `gap`. `began`: when the
    exporter was started. `ahead`: by how much its clock is."""
    labels = {"job": job, "instance": name, **labels}
    up, info, process, clock = [(0, 1)], [(0, 1)], [(0, began + ahead)], [(0, Clock(ahead))]
    if gap:
        up += [(gap[0], 0), (gap[1], 1)]
        info += [(gap[0], None), (gap[1], 1)]
        process += [(gap[0], None), (gap[1], (gap[1] if restart else began) + ahead)]
        clock += [(gap[0], None), (gap[1], Clock(ahead))]
    if start:
        up, info, process, clock = (
            [(0, None), (start, parts[0][1])] for parts in (up, info, process, clock)
        )
    if last != 1:
        for parts in (up, info, process, clock):
            parts.append((last, None))
    return [
        ("up", labels, up),
        ("netchange_exporter_build_info", {**labels, "version": "1"}, info),
        ("process_start_time_seconds", labels, process),
        ("netchange_exporter_time_seconds", labels, clock),
    ]


def command(instance, parts, name="ETHTOOL_MSG_MODULE_EEPROM_GET", option="-m", access="get", **more):
    labels = {
        "job": "netchange",
        "instance": instance,
        "device": "eth0",
        "command": name,
        "option": option,
        "access": access,
        "transport": "netlink",
        "comm": "ethtool",
        "parent_comm": "agent",
        **more,
    }
    return (LAST_COMMAND, labels, parts)


def read(instance, **more):
    """The alert on `ethtool -m`."""
    return {
        "job": "netchange",
        "instance": instance,
        "device": "eth0",
        "option": "-m",
        "comm": "ethtool",
        "parent_comm": "agent",
        **more,
    }


FLASHED = {
    **read("h1"),
    "option": "-f",
    "command": "ETHTOOL_FLASHDEV",
    "access": "act",
    "transport": "netlink",
}


def irq(device, parts):
    return (
        LAST_CONFIG,
        {
            "job": "netchange",
            "instance": "h1",
            "device": device,
            "kind": "irq_affinity",
            "setting": "smp_affinity",
            "irq": "24",
            "comm": "irqbalance",
        },
        parts,
    )


def on(alert, times, labels):
    return {(time, alert): labels for time in times}


def never(alert, begin=EVENT, end=EVENT + WINDOW + 120):
    return on(alert, range(begin, end, STEP), [])


TARGET = {"job": "netchange", "instance": "h1"}
WHO = {"comm": "ethtool", "parent_comm": "agent", "unit": "agent.service"}
FORGED = {"comm": "telegraf", "parent_comm": "systemd"}
XDP = {"device": "eth0", "operation": "attach", "mode": "native", "program": "filter", **WHO}
MTU = {"device": "eth0", "kind": "link", "setting": "mtu", **WHO}
REGISTERS = {"device": "eth0", "command": "ETHTOOL_GREGS", "option": "-d", **WHO}


def events():
    """(metric, labels) of each kind."""
    more = {"access": "get", "transport": "ioctl"}
    return [
        (LAST_COMMAND, {**TARGET, **REGISTERS, **more}),
        (LAST_SLOW, {**TARGET, **REGISTERS, **more}),
        (LAST_XDP, {**TARGET, **XDP}),
        (LAST_XDP_ERROR, {**TARGET, **XDP, "errno": "EBUSY"}),
        (LAST_CONFIG, {**TARGET, **MTU}),
    ]


def alerts_on_events():
    dump = {name: value for name, value in REGISTERS.items() if name != "command"}
    return {
        "NetchangeEthtoolDump": [{**TARGET, **dump}],
        SLOW: [{**TARGET, **REGISTERS}],
        "NetchangeXdpAttached": [{**TARGET, **XDP}],
        FAILED: [{**TARGET, **XDP, "errno": "EBUSY"}],
        "NetchangeConfigChanged": [{**TARGET, **MTU}],
    }


AGAIN_AFTER = 1200
AGAIN = EVENT + AGAIN_AFTER
OLD = EVENT - 25 * HOUR
MONTH_AGO = [(0, 1000 - 30 * DAY)]  # what the rule recorded before

SITUATIONS = [
    # The seven that were proved to be wrong once.
    Situation(
        "a target label is added, the last event was 25 hours ago",
        [
            one
            for name in ("h1", "h2", "h3")
            for one in (
                *host(name, last=EVENT),
                *host(name, start=EVENT, rack="r1"),
                command(name, [(0, OLD), (EVENT, None)]),
                command(name, [(0, None), (EVENT, OLD)], rack="r1"),
            )
        ],
        never(MODULE),
    ),
    Situation(
        "a device is renamed, its interrupt was written 25 hours ago",
        [
            *host("h1"),
            irq("eth0", [(0, OLD), (EVENT, None)]),
            irq("ens1", [(0, None), (EVENT, OLD)]),
        ],
        never("NetchangeIrqAffinityChanged"),
    ),
    Situation(
        "two clusters have a job and instance of the same name, the exporter of one restarts",
        [
            *host("h1", cluster="a"),
            *host("h1", cluster="b", gap=(EVENT, EVENT + 60), restart=True),
            command("h1", [(0, OLD)], cluster="a"),
            command("h1", [(0, OLD), (EVENT, None)], cluster="b"),
        ],
        never(MODULE),
    ),
    Situation(
        "a command is followed by silence: its alert stays for its 15 minutes",
        [
            *host("h1", gap=(EVENT + 30, 4000)),
            command("h1", [(0, None), (EVENT, EVENT), (EVENT + 30, None)], "ETHTOOL_FLASHDEV", "-f", "act"),
        ],
        on(ACTION, range(EVENT, EVENT + WINDOW, STEP), [FLASHED])
        | on(ACTION, (EVENT - STEP, EVENT + WINDOW, EVENT + WINDOW + STEP, 3900), []),
    ),
    Situation(
        "ethtool -G cuts its host off for two hours",
        [
            *host("h1", gap=(EVENT, EVENT + 7200)),
            command(
                "h1",
                [(0, None), (EVENT + 7200, EVENT)],
                "ETHTOOL_MSG_RINGS_SET",
                "-G",
                "set",
            ),
        ],
        on(
            SET,
            range(EVENT + 7200, EVENT + 7200 + WINDOW, STEP),
            [{**read("h1"), "option": "-G", "command": "ETHTOOL_MSG_RINGS_SET"}],
        )
        | on(SET, (EVENT, EVENT + 7170, EVENT + 7200 + WINDOW), []),
        scrapes=320,
    ),
    Situation(
        "a clock is a day ahead: an alert lasts 15 minutes, also over a restart",
        [
            *host("h1", gap=(EVENT + 1200, EVENT + 1260), restart=True, ahead=DAY),
            command(
                "h1",
                [(0, None), (EVENT, EVENT + DAY), (EVENT + 1200, None), (EVENT + 1500, EVENT + 1500 + DAY)],
            ),
        ],
        on(MODULE, (EVENT, EVENT + WINDOW - STEP, EVENT + 1500, EVENT + 2370), [read("h1")])
        | on(MODULE, (EVENT - STEP, *range(EVENT + WINDOW, EVENT + 1500, STEP), EVENT + 2400), []),
    ),
    Situation(
        "a clock is 20 minutes behind, and the exporter restarts and counts as many again",
        [
            *host("h1", gap=(EVENT, EVENT + 60), restart=True, ahead=-1200),
            command("h1", [(0, OLD), (EVENT, None), (EVENT + 300, EVENT + 300 - 1200)]),
        ],
        on(MODULE, (EVENT + 300, EVENT + 600, EVENT + 300 + WINDOW - STEP), [read("h1")])
        | on(MODULE, (EVENT, EVENT + 270, EVENT + 300 + WINDOW), []),
    ),
    # Clocks again.
    *[
        Situation(
            f"a clock is ten minutes {side}: two events each alert for 15 minutes, and nothing else",
            [
                *host("h1", ahead=ahead),
                *[
                    (metric, labels, [(0, OLD), (EVENT, EVENT + ahead), (AGAIN, AGAIN + ahead)])
                    for metric, labels in events()
                ],
            ],
            {
                (time, alert): labels if time % AGAIN_AFTER < WINDOW else []
                for alert, labels in alerts_on_events().items()
                for time in range(EVENT, EVENT + 2 * AGAIN_AFTER, STEP)
            }
            | on(SKEW, (120, 3000), [TARGET]),
        )
        for side, ahead in (("ahead", 600), ("behind", -600))
    ],
    Situation(
        "a clock is a minute ahead, and another a minute behind: no skew",
        [*host("h1", ahead=60), *host("h2", ahead=-60)],
        never(SKEW, STEP, 1200),
    ),
    Situation(
        "a clock is a day ahead, and the exporter starts and loses an update at once",
        [
            *host("h1", start=EVENT, ahead=DAY, began=EVENT - 10),
            ("netchange_lost_updates_total", {**TARGET, "collector": "xdp"}, [(0, None), (EVENT, 1)]),
        ],
        on(LOST, (EVENT + STEP, EVENT + 600), [{**TARGET, "collector": "xdp"}])
        | never(LOST, EVENT + WINDOW + 2 * STEP, EVENT + 3000),
    ),
    Situation(
        "a clock is 20 minutes behind, and the exporter restarts and loses as many updates again",
        [
            *host("h1", gap=(EVENT, EVENT + 60), restart=True, ahead=-1200),
            (
                "netchange_lost_updates_total",
                {**TARGET, "collector": "xdp"},
                [(0, 1), (EVENT, None), (EVENT + 60, 0), (EVENT + 300, 1)],
            ),
        ],
        on(LOST, (EVENT + 300, EVENT + 600), [{**TARGET, "collector": "xdp"}])
        | on(LOST, (EVENT - STEP, EVENT + 270, EVENT + 300 + WINDOW + STEP), []),
    ),
    Situation(
        "a clock is 40 minutes behind, and a caller is new",
        [*host("h1", ahead=-2400), command("h1", [(0, None), (EVENT, EVENT - 2400)])],
        on(MODULE, (EVENT, EVENT + WINDOW - STEP), [read("h1")])
        | on(MODULE, (EVENT - STEP, EVENT + WINDOW), []),
    ),
    Situation(
        "a clock is 20 minutes behind, and the event is in a gap of the scrapes",
        [
            *host("h1", gap=(EVENT, EVENT + 1200), ahead=-1200),
            command("h1", [(0, None), (EVENT + 1200, EVENT + 60 - 1200)]),
        ],
        on(MODULE, (EVENT + 1200, EVENT + 1200 + WINDOW - STEP), [read("h1")])
        | on(MODULE, (EVENT + 1170, EVENT + 1200 + WINDOW), []),
    ),
    Situation(
        "a clock that was a day ahead is set right, and the exporter restarts",
        [
            *host("h1", gap=(EVENT, EVENT + 60), restart=True),
            command("h1", [(0, EVENT - 600 + DAY), (EVENT, None), (EVENT + 300, EVENT + 300)]),
        ],
        on(MODULE, (EVENT + 300, EVENT + 300 + WINDOW - STEP), [read("h1")])
        | on(MODULE, (EVENT + 270, EVENT + 300 + WINDOW), []),
    ),
    Situation(
        "a restarted exporter kept its counts, and gives their times 2 s differently",
        [
            *host("h1", gap=(EVENT + 1200, EVENT + 1260), restart=True),
            command("h1", [(0, None), (EVENT, EVENT), (EVENT + 1200, None), (EVENT + 1260, EVENT + 2)]),
        ],
        never(MODULE, EVENT + WINDOW, EVENT + 3000),
    ),
    # Targets.
    Situation(
        "a single scrape fails 90 s after the event",
        [
            *host("h1", gap=(EVENT + 90, EVENT + 120)),
            command("h1", [(0, None), (EVENT, EVENT), (EVENT + 90, None), (EVENT + 120, EVENT)]),
        ],
        on(MODULE, range(EVENT, EVENT + WINDOW, STEP), [read("h1")])
        | never(MODULE, EVENT + WINDOW, EVENT + 2 * WINDOW),
    ),
    Situation(
        "an event comes just before a target label is added, another after it",
        [
            *host("h1", last=EVENT),
            *host("h1", start=EVENT, rack="r1"),
            command("h1", [(0, EVENT - 1800), (EVENT, None)]),
            command("h1", [(0, None), (EVENT, EVENT - 1800), (EVENT + 300, EVENT + 300)], rack="r1"),
        ],
        on(MODULE, range(EVENT, EVENT + 300, STEP), [])
        | on(MODULE, (EVENT + 300, EVENT + 300 + WINDOW - STEP), [read("h1", rack="r1")])
        | on(MODULE, (EVENT + 300 + WINDOW,), []),
    ),
    Situation(
        "a caller is expected on one host, by a pattern, and not on the other",
        [
            *host("edge-1"),
            *host("core-1"),
            command("edge-1", [(0, None), (EVENT, EVENT)]),
            command("core-1", [(0, None), (EVENT, EVENT)]),
        ],
        on(MODULE, (EVENT + STEP, EVENT + WINDOW - STEP), [read("core-1")]),
        expected=[f'{LAST_COMMAND}{{comm="ethtool",option="-m",instance=~"edge-.*"}}'],
    ),
    Situation(
        "a process outside the unit of an expected caller takes its names, and slow commands of both",
        [
            *host("h1"),
            *[
                (metric, {**labels, **FORGED, "unit": unit}, [(0, OLD), (EVENT, EVENT)])
                for metric, labels in events()[:2]
                for unit in ("telegraf.service", "session.scope")
            ],
        ],
        on(
            SLOW,
            (EVENT + STEP, EVENT + WINDOW - STEP),
            [{**TARGET, **REGISTERS, **FORGED, "unit": "session.scope"}],
        ),
        expected=[f'{LAST_COMMAND}{{unit="telegraf.service",access="get"}}'],
    ),
    Situation(
        "an XDP program leaves with its device, four devices in a row",
        [
            *host("h1"),
            *[
                (
                    metric,
                    {**TARGET, **XDP, "operation": "device_deleted", "comm": "kworker"},
                    [(0, None), (EVENT, value)],
                )
                for metric, value in ((LAST_XDP, EVENT), ("netchange_xdp_changes_total", 4))
            ],
        ],
        never("NetchangeXdpDetached") | never("NetchangeXdpAttached") | never("NetchangeXdpFlapping"),
    ),
    # Jobs of any name, as a PodMonitor makes them; other targets of the same Prometheus are none of ours.
    Situation(
        "of two exporters of a PodMonitor one is down, as is something else",
        [
            *host("p1:10417", job="monitoring/netchange-exporter", gap=(EVENT, 4000)),
            *[one for n in range(2, 12) for one in host(f"p{n}:10417", job="monitoring/netchange-exporter")],
            ("up", {"job": "node", "instance": "p1:9100"}, [(0, 0)]),
        ],
        on(DOWN, (EVENT + 120, 3900), [{"job": "monitoring/netchange-exporter", "instance": "p1:10417"}])
        | on(DOWN, (EVENT + 90, 4050), [])
        | never(MANY),
    ),
    Situation(
        "more than a tenth of a fleet is down, of another cluster a tenth",
        [
            *[one for n in (1, 2) for one in host(f"h{n}", cluster="a", gap=(EVENT, 4000))],
            *[one for n in range(3, 20) for one in host(f"h{n}", cluster="a")],
            *[one for n in (1, 2) for one in host(f"h{n}", cluster="b", gap=(EVENT, 4000))],
            *[one for n in range(3, 21) for one in host(f"h{n}", cluster="b")],
        ],
        on(MANY, (EVENT + 120, 3900), [{"cluster": "a", "job": "netchange"}])
        | on(MANY, (EVENT + 90, 4050), []),
        texts=[
            (
                EVENT + 120,
                MANY,
                "critical",
                {"cluster": "a", "job": "netchange"},
                {
                    "summary": "2 netchange_exporters of job netchange cannot be scraped",
                    "description": "Prometheus could not scrape 2 exporters of job netchange, more than a tenth of"
                    " them, for 2 minutes. Changes to the network there cause no alerts.",
                    "runbook_url": "docs/runbooks/exporter.md#netchangemanyexportersdown",
                },
            )
        ],
    ),
    Situation(
        "the only exporter is down: no fleet",
        host("h1", gap=(EVENT, 4000)),
        on(DOWN, (EVENT + 120,), [{"job": "netchange", "instance": "h1"}]) | never(MANY),
    ),
    Situation(
        "a target label is added: no target is absent",
        [*host("h1", last=EVENT), *host("h1", start=EVENT, rack="r1")],
        never(ABSENT, EVENT, EVENT + 1200),
    ),
    Situation(
        "a line of the list has matched nothing for a month, another one does",
        [
            *host("h1"),
            command("h1", [(0, OLD)]),
            ("netchange:expected_matched_timestamp_seconds", {"line": "line-2"}, MONTH_AGO),
        ],
        on(UNUSED, (990,), []),
        expected=[f'{LAST_COMMAND}{{comm="ethtool"}}', f'{LAST_COMMAND}{{comm="gone"}}'],
        texts=[
            (
                1020,
                UNUSED,
                "info",
                {"line": "line-2"},
                {
                    "summary": "The expected caller line-2 matched nothing for a month",
                    "description": "Line line-2 of netchange_expected.yml last matched a series at 1969-12-02"
                    " 00:16:40 +0000 UTC, or was added then and never matched. Correct its selector, or"
                    " remove the line: it may hide other processes.",
                    "runbook_url": "docs/runbooks/exporter.md#netchangeexpectedunused",
                },
            )
        ],
    ),
]
