#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""demo_stack.py EXPORTER PROGRAMS: the exporter, Prometheus and Alertmanager, with real events
every 20 seconds, to look at until Ctrl-C. Where the kernel shows the exporter nothing, recorded
pages take its place."""

import os
import signal
import subprocess
import sys
import time
import urllib.parse

from stack import HERE, RecordedExporter, Stack, StackError, Webhook, get

PORTS = {"exporter": 10417, "prometheus": 9090, "alertmanager": 9093}
ROUND = 20  # seconds between events


def alerts_page(prometheus):
    """Debian's Prometheus has only the old pages, below /classic."""
    try:
        get(f"http://{prometheus}/alerts")
        return "/alerts"
    except OSError:
        return "/classic/alerts"


def show(webhook, seen):
    for _, alert in webhook.alerts[seen:]:
        print(f"{alert['status']}: {alert['annotations']['description']}", flush=True)
    return len(webhook.alerts)


def run(stack, program, programs, netns):
    address, blind = stack.exporter(program, PORTS["exporter"])
    target = address
    if blind:
        print(
            f"The exporter is blind on this kernel: {blind}\n"
            "Prometheus scrapes pages instead that were recorded in a virtual machine."
        )
        target = RecordedExporter().address
    webhook = Webhook()
    alertmanager = stack.alertmanager(webhook.address, PORTS["alertmanager"])
    prometheus = stack.prometheus(target, alertmanager, port=PORTS["prometheus"]).address
    graph = urllib.parse.urlencode(
        {"g0.expr": "netchange_ethtool_commands_total", "g0.tab": 0, "g0.range_input": "15m"}
    )
    print(
        f"""
  exporter      http://{address}/
  Prometheus    http://{prometheus}/graph?{graph}
  alerts        http://{prometheus}{alerts_page(prometheus)}
  Alertmanager  http://{alertmanager}/api/v2/alerts

Dashboards for your Grafana are in dashboards/. Alerts appear below as they reach a webhook.
Ctrl-C ends all of it.
""",
        flush=True,
    )
    seen, due = 0, 0
    while True:
        if not blind and time.monotonic() >= due:
            due = time.monotonic() + ROUND
            subprocess.run([HERE / "make_events", netns, programs], check=True)
        time.sleep(1)
        seen = show(webhook, seen)


def main():
    netns = f"netchange-demo-{os.getpid()}"
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell may have turned SIGINT off
        signal.signal(number, signal.default_int_handler)
    try:
        with Stack() as stack:
            run(stack, sys.argv[1], sys.argv[2], netns)
    except KeyboardInterrupt:
        return 0
    except StackError as error:
        print(f"demo_stack: {error}", file=sys.stderr)
        return 1
    finally:
        if os.path.exists(f"/run/netns/{netns}"):
            subprocess.run(["ip", "netns", "del", netns], check=False)


sys.exit(main())
