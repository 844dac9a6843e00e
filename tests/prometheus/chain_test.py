#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""chain_test.py EXPORTER: one real `ethtool -m` reaches a webhook within two evaluation intervals,
with the right device, process and parent; one by an allowed caller does not. Ends with 77 if
this kernel shows the exporter nothing."""

import os
import pathlib
import subprocess
import sys
import time

from allow import allow
from stack import RULES, Stack, Webhook, wait_for

SKIPPED = 77
ALERT = "NetchangeModuleEepromRead"
DEVICE = "nchain0"


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


def newest(prometheus, parent):
    """Whether Prometheus has the gauge of this parent's command."""
    expr = f'netchange_ethtool_last_command_timestamp_seconds{{option="-m",parent_comm="{parent}"}}'
    return prometheus.query(expr, time.time())


def check(stack, exporter, netns):
    allowed = allow(
        (RULES / "netchange_alerts.yml").read_text(),
        [{"comm": "ethtool", "parent_comm": "allowed-agent"}],
        ALERT,
    )
    webhook = Webhook()
    prometheus = stack.prometheus(exporter, stack.alertmanager(webhook.address), allowed)
    # Prometheus has to know the target, and the rules have to have run, before there is a first
    # event.
    wait_for(
        "a first scrape and evaluation",
        lambda: prometheus.query("netchange:started15m", time.time()),
    )

    def of_the_alert():
        """Others may run ethtool on this machine, too, but not in this namespace."""
        labels = {"alertname": ALERT, "netns": netns}
        return [
            (at, alert) for at, alert in webhook.alerts if labels.items() <= alert["labels"].items()
        ]

    run_in(netns, agent(stack.work, "allowed-agent"))
    wait_for("the allowed command on Prometheus", lambda: newest(prometheus, "allowed-agent"))
    time.sleep(3 * stack.evaluation_seconds)
    assert not of_the_alert(), f"an allowed caller made an alert: {of_the_alert()}"

    happened = run_in(netns, agent(stack.work, "nosy-agent"))
    received, alert = wait_for("the alert at the webhook", lambda: next(iter(of_the_alert()), None))
    limit = 2 * stack.evaluation_seconds
    assert received - happened <= limit, (
        f"the alert came after {received - happened:.1f} s, not within {limit} s"
    )
    expected = {
        "alertname": ALERT,
        "device": DEVICE,
        "netns": netns,
        "comm": "ethtool",
        "parent_comm": "nosy-agent",
        "option": "-m",
        "severity": "warning",
        "instance": exporter,
        "job": "netchange",
    }
    assert alert["labels"] == expected, f"labels: {alert['labels']}\nnot: {expected}"
    assert alert["status"] == "firing", alert
    for word in (exporter, DEVICE, netns, "ethtool", "nosy-agent"):
        assert word in alert["annotations"]["description"], alert
    time.sleep(3 * stack.evaluation_seconds)
    assert len(of_the_alert()) == 1, f"one command made several alerts: {of_the_alert()}"
    print(
        f"One ethtool -m reached the webhook after {received - happened:.1f} s;"
        " an allowed caller's did not."
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
