#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""outage_test.py: an event while Prometheus was down alerts when it is back, and an earlier one does not
alert again. promtool cannot test that: its rules always run. So a minute of the rules is a second
here."""

import re
import sys
import time

import yaml

from stack import RULES, Prometheus, Server, Stack, free_port, wait_for

WINDOW = 15  # seconds, of which the rules have minutes
SECONDS = [  # what the rules have, and what they have here
    (r"\[1h:5m\]", "[60s:5s]"),
    (r"\[15m\]", "[15s]"),
    (r"offset (13|15|17)m", r"offset \1s"),
    (r"- 900\b", "- 15"),
    (r"- 2700\b", "- 45"),
    (r"<= 60\b", "<= 1"),
]


def quick(text):
    for minutes, seconds in SECONDS:
        text, changed = re.subn(minutes, seconds, text)
        assert changed, f"{minutes} is not in the rules"
    return text


class Exporter(Server):
    """Serves the time of the newest `ethtool -m` by each parent."""

    def __init__(self):
        self.started, self.events = time.time() - 3600, {}
        super().__init__(lambda handler: handler.answer(self.page()))

    def page(self):
        lines = [
            'netchange_exporter_build_info{version="1"} 1',
            f"process_start_time_seconds {self.started:.3f}",
            f"netchange_exporter_time_seconds {time.time():.3f}",
        ]
        lines += [
            'netchange_ethtool_last_command_timestamp_seconds{device="eth0",option="-m",access="get",'
            f'command="ETHTOOL_GMODULEEEPROM",comm="ethtool",parent_comm="{parent}"}} {at:.3f}'
            for parent, at in self.events.items()
        ]
        return "\n".join(lines) + "\n"


def start_prometheus(stack, target, address):
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": ["quick.yml"],
        "scrape_configs": [{"job_name": "any", "static_configs": [{"targets": [target]}]}],
    }
    (stack.work / "quick.yml").write_text(quick((RULES / "netchange_alerts.yml").read_text()))
    (stack.work / "prometheus.yml").write_text(yaml.safe_dump(config))
    stack.start(
        "prometheus",
        [
            "prometheus",
            f"--config.file={stack.work}/prometheus.yml",
            f"--storage.tsdb.path={stack.work}/data",
            f"--web.listen-address={address}",
            "--query.lookback-delta=5s",
        ],
        f"http://{address}/-/ready",
    )
    return Prometheus(address)


def firing(prometheus):
    """Parents in alerts."""
    alerts = prometheus.query(
        'ALERTS{alertname="NetchangeModuleEepromRead",alertstate="firing"}', time.time()
    )
    return {alert["metric"]["parent_comm"] for alert in alerts}


def main():
    exporter, address = Exporter(), f"127.0.0.1:{free_port()}"
    with Stack() as stack:
        prometheus = start_prometheus(stack, exporter.address, address)
        wait_for("a scrape", lambda: prometheus.query("netchange:new_after_timestamp_seconds", time.time()))
        time.sleep(WINDOW + 5)
        exporter.events["before"] = time.time()
        wait_for("the alert", lambda: firing(prometheus) == {"before"}, 5)
        wait_for("its end", lambda: not firing(prometheus), WINDOW + 5)

        stack.running["prometheus"].terminate()
        stack.running["prometheus"].wait(20)
        time.sleep(2)
        exporter.events["meanwhile"] = time.time()
        time.sleep(WINDOW + 5)

        prometheus = start_prometheus(stack, exporter.address, address)
        wait_for("the alert on what happened meanwhile", lambda: firing(prometheus), 10)
        end, seen = time.time() + 2 * WINDOW, set()
        while time.time() < end:
            seen |= firing(prometheus)
            time.sleep(0.3)
        assert seen == {"meanwhile"}, f"after the outage, {seen} alerted"
        assert not firing(prometheus), "the alert did not end"
    print("The event while Prometheus was down alerted when it was back; the one before did not.")


sys.exit(main())
