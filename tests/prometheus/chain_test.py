#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""chain_test.py EXPORTER: one real `ethtool -m` reaches a webhook within two evaluation intervals,
with the right device, process and parent; with a list of expected callers within three, but not
that of an expected caller. Ends with 77 if this kernel shows the exporter nothing."""

import os
import pathlib
import re
import subprocess
import sys
import time

from expected import selector, with_lines
from stack import RULES, Stack, Webhook, get, wait_for

SKIPPED = 77
ALERT = "NetchangeModuleEepromRead"
DEVICE = "nchain0"
NEWEST = "netchange_ethtool_last_command_timestamp_seconds"


def agent(work, name):
    """A script, so that it is the parent of ethtool; its name is its `comm`. The device refuses,
    which is an event, too."""
    script = pathlib.Path(work) / name
    script.write_text(f"#!/bin/sh\nethtool -m {DEVICE}\nexit 0\n")
    script.chmod(0o755)
    return script


def run_in(netns, script):
    before = time.time()
    subprocess.run(["ip", "netns", "exec", netns, script], check=True, capture_output=True)
    return before


def unit(exporter, parent):
    """As the exporter's page has it: which one it is depends on what started this test."""
    page = get(f"http://{exporter}/metrics")
    series = re.search(rf'^{NEWEST}{{.*parent_comm="{parent}".*}}', page, re.M)[0]
    return dict(re.findall(r'\b(unit)="(.*?)"', series))


def newest(prometheus, parent):
    """Whether Prometheus has the gauge of this parent's command."""
    return prometheus.query(selector(NEWEST, option="-m", parent_comm=parent), time.time())


def check(stack, exporter, netns):
    webhook = Webhook()
    prometheus = stack.prometheus(exporter, stack.alertmanager(webhook.address))
    # Prometheus has to know the target, and the rules have to have run, before there is a first
    # event.
    wait_for(
        "a first scrape and evaluation",
        lambda: prometheus.query("netchange:new_after_timestamp_seconds", time.time()),
    )

    def of(parent):
        """Others may run ethtool on this machine, too, but not in this namespace."""
        labels = {"alertname": ALERT, "netns": netns, "parent_comm": parent}
        return [
            (at, alert) for at, alert in webhook.alerts if labels.items() <= alert["labels"].items()
        ]

    def expect_alert(parent, intervals):
        happened = run_in(netns, agent(stack.work, parent))
        received, alert = wait_for("the alert at the webhook", lambda: next(iter(of(parent)), None))
        limit = intervals * stack.evaluation_seconds
        assert received - happened <= limit, (
            f"the alert came after {received - happened:.1f} s, not within {limit} s"
        )
        expected = {
            "alertname": ALERT,
            "device": DEVICE,
            "netns": netns,
            "comm": "ethtool",
            "parent_comm": parent,
            "option": "-m",
            **unit(exporter, parent),
            "severity": "warning",
            "instance": exporter,
            "job": "netchange",
        }
        assert alert["labels"] == expected, f"labels: {alert['labels']}\nnot: {expected}"
        assert alert["status"] == "firing", alert
        for word in (exporter, DEVICE, netns, "ethtool", parent, *unit(exporter, parent).values()):
            assert word in alert["annotations"]["description"], alert
        return received - happened

    took = expect_alert("nosy-agent", 2)

    caller = selector(NEWEST, comm="ethtool", parent_comm="known-agent", option="-m")
    text = (RULES / "netchange_expected.yml").read_text()
    stack.expect(prometheus, with_lines(text, [caller]))
    run_in(netns, agent(stack.work, "known-agent"))
    wait_for("the expected command on Prometheus", lambda: newest(prometheus, "known-agent"))
    took_with_list = expect_alert("other-agent", 3)
    time.sleep(3 * stack.evaluation_seconds)
    assert not of("known-agent"), f"an expected caller made an alert: {of('known-agent')}"
    for parent in ("nosy-agent", "other-agent"):
        assert len(of(parent)) == 1, f"one command made several alerts: {of(parent)}"
    print(
        f"One ethtool -m reached the webhook after {took:.1f} s, with a list of expected callers after"
        f" {took_with_list:.1f} s; an expected caller's did not."
    )


def main():
    netns = f"netchange-chain-{os.getpid()}"
    with Stack() as stack:
        exporter, blind = stack.exporter(sys.argv[1])
        if blind:
            print(f"SKIPPED: the exporter cannot trace ethtool commands on this kernel: {blind}")
            return SKIPPED
        subprocess.run(["ip", "netns", "add", netns], check=True)
        try:
            subprocess.run(
                [
                    "ip",
                    "-n",
                    netns,
                    "link",
                    "add",
                    DEVICE,
                    "type",
                    "veth",
                    "peer",
                    "name",
                    "nchain1",
                ],
                check=True,
            )
            check(stack, exporter, netns)
        finally:
            subprocess.run(["ip", "netns", "del", netns], check=True)
    return 0


sys.exit(main())
