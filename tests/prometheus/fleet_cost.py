#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""fleet_cost.py [HOSTS]: how many samples one evaluation of all rules reads, for hosts with the profile
"server" of docs/operations.md, in a Prometheus into which promtool backfilled them. The agents run their
commands all the time, so each of their series has a new event. Each command was slow once, long ago.
Fails if 3,000 hosts would read more than a million samples. With --transceivers, one of the commands is
`ethtool -m`, and always slow, which makes two alerts for each agent and device of each host."""

import argparse
import re
import subprocess
import sys
import time

import yaml

from stack import HERE, RULES, Prometheus, Stack, free_port, wait_for

FLEET, LIMIT = 3000, 1_000_000
LONG_AGO = 30 * 86400
FIRING = 'count(ALERTS{alertstate="firing"})'
RECORDED = 'count({__name__=~"netchange.*:.+"})'
CALLERS = "count(netchange_fleet:ethtool_commands:delta15m)"
DEVICES = [f"eth{number}" for number in range(4)]
AGENTS = [
    {"comm": "telegraf", "parent_comm": "systemd", "unit": "telegraf.service"},
    {"comm": "ethtool", "parent_comm": "inventory", "unit": "cron.service"},
]
COMMANDS = [
    ("ETHTOOL_GSTATS", "-S", "ioctl"),
    ("ETHTOOL_GDRVINFO", "-i", "ioctl"),
    ("ETHTOOL_GCHANNELS", "-l", "ioctl"),
]
TRANSCEIVERS = ("ETHTOOL_MSG_MODULE_EEPROM_GET", "-m", "netlink")
TIMES = [
    "netchange_ethtool_last_command_timestamp_seconds",
    "netchange_ethtool_last_slow_command_timestamp_seconds",
]
SETTINGS = ["forwarding", "rp_filter", "accept_redirects", "send_redirects", "arp_ignore"]
BUCKETS = ["0.0001", "0.001", "0.01", "0.1", "1", "10", "+Inf"]
# What a page of an idle exporter has, too; not those of the events on the host that it was recorded on.
OWN = re.compile(
    r"^((?:netchange_(?:exporter|collector|map|lost|scrape)|process)_\w+|netchange_(?:probes|series))"
    r"(?:\{(.*)\})? (\S+)$",
    re.MULTILINE,
)


def text(**labels):
    return ",".join(f'{name}="{value}"' for name, value in labels.items())


def slow(option, now):
    """When such a command was last slow: each had been once. A read of a transceiver always is."""
    return now - 10 if option == "-m" else now - LONG_AGO


def series_of_a_host(page, now):
    """(metric, labels, value) of one scrape at `now`."""
    own = {(metric, labels): value for metric, labels, value in OWN.findall(page)}
    own[("netchange_exporter_time_seconds", "")] = now
    yield from ((*name, value) for name, value in own.items())
    for device in DEVICES:
        for command, option, transport in COMMANDS:
            what = text(device=device, command=command, transport=transport)
            for bucket in BUCKETS:
                yield (
                    "netchange_ethtool_command_duration_seconds_bucket",
                    f'{what},le="{bucket}"',
                    9,
                )
            yield "netchange_ethtool_command_duration_seconds_count", what, 9
            yield "netchange_ethtool_command_duration_seconds_sum", what, 0.01
            for who in AGENTS:
                labels = f"{what}," + text(option=option, access="get", **who)
                yield "netchange_ethtool_commands_total", labels, int(now) // 60
                yield "netchange_ethtool_last_command_timestamp_seconds", labels, now - 10
                yield "netchange_ethtool_slow_commands_total", labels, 1
                yield "netchange_ethtool_last_slow_command_timestamp_seconds", labels, slow(option, now)
        for setting in SETTINGS:
            what = text(kind="sysctl", setting=f"net.ipv4.conf.*.{setting}", device=device)
            who = text(comm="systemd-sysctl", parent_comm="systemd", unit="systemd-sysctl.service")
            yield "netchange_config_value", what, 1
            yield "netchange_config_writes_total", f"{what},{who}", 1
            yield "netchange_config_changes_total", f"{what},{who}", 1
            yield (
                "netchange_config_last_change_timestamp_seconds",
                f"{what},{who}",
                now - LONG_AGO,
            )
    for device in DEVICES[:2]:
        what = text(device=device, mode="native", program="filter")
        who = text(operation="attach", comm="filter-agent", parent_comm="systemd", unit="filter.service")
        yield "netchange_xdp_attached_info", f'{what},program_id="7",tag="0"', 1
        yield "netchange_xdp_changes_total", f"{what},{who}", 1
        yield "netchange_xdp_last_change_timestamp_seconds", f"{what},{who}", now - LONG_AGO


def recorded_before(page, then):
    """What the rules recorded 15 minutes ago."""
    for metric, labels, value in series_of_a_host(page, then):
        if metric == "netchange_xdp_changes_total":
            yield "netchange:xdp_changes:known", labels, value
        elif metric in TIMES and 'option="-m"' in labels:
            yield f"{metric.replace('netchange_', 'netchange:', 1)}:known1h", labels, value
    for _, option, _ in COMMANDS:
        for who in AGENTS:
            labels = text(option=option, access="get", **who)
            yield "netchange:ethtool_commands:sum", labels, len(DEVICES) * (int(then) // 60)


def samples(hosts, page, now):
    """OpenMetrics, in which the samples of a series are in order. A sample is found for 5 minutes."""
    for host in range(hosts):
        target = text(job="netchange", instance=f"h{host}:10417")
        found = {}
        for then in (now - 960, now - 60):
            for metric, labels, value in series_of_a_host(page, then):
                found.setdefault((metric, labels), []).append((value, then))
            found.setdefault(("up", ""), []).append((1, then))
        for metric, labels, value in recorded_before(page, now - 960):
            found.setdefault((metric, labels), []).append((value, now - 960))
        for ago in range(4800, 300, -240):
            found.setdefault(("netchange:scraped_timestamp_seconds", ""), []).append(
                (now - ago, now - ago)
            )
        for (metric, labels), values in found.items():
            name = metric + "{" + ",".join(filter(None, (target, labels))) + "}"
            yield from (f"{name} {value} {then:.3f}\n" for value, then in values)
        # Of other exporters on the host, as each Prometheus has them.
        for job in ("node", "cadvisor", "kubelet", "ebpf"):
            other = text(job=job, instance=f"h{host}:9100")
            for metric, value in (("up", 1), ("process_start_time_seconds", now - LONG_AGO)):
                yield f"{metric}{{{other}}} {value} {now - 60:.3f}\n"
    yield "# EOF\n"


def backfilled(stack, hosts):
    """A Prometheus with the hosts in it, whose rules have been evaluated."""
    page = (HERE / "pages/page0.txt").read_text()
    file, data = stack.work / "fleet.om", stack.work / "data"
    with open(file, "w") as output:
        output.writelines(samples(hosts, page, time.time()))
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", file, data],
        check=True,
        capture_output=True,
    )
    file.unlink()
    config = {
        "global": {"evaluation_interval": f"{stack.evaluation_seconds}s"},
        "rule_files": [str(RULES / f"netchange_{name}.yml") for name in ("alerts", "recording")],
    }
    (stack.work / "prometheus.yml").write_text(yaml.safe_dump(config))
    address = f"127.0.0.1:{free_port()}"
    stack.start(
        "prometheus",
        [
            "prometheus",
            f"--config.file={stack.work}/prometheus.yml",
            f"--storage.tsdb.path={data}",
            f"--web.listen-address={address}",
        ],
        f"http://{address}/-/ready",
    )
    prometheus = Prometheus(address)
    # The last ones of rules that rest on each other, through several groups.
    alerts = 2 * hosts * len(DEVICES) * len(AGENTS) if TRANSCEIVERS in COMMANDS else None
    callers = len(COMMANDS) * len(AGENTS)
    wait_for(
        "what the rules find on every host",
        lambda: prometheus.number(FIRING) == alerts and prometheus.number(CALLERS) == callers,
        120,
    )
    before = None
    while before != (recorded := prometheus.number(RECORDED)):
        before = recorded
        time.sleep(2 * stack.evaluation_seconds)
    return prometheus


def cost(prometheus):
    """{(group, rule): samples read}, and the seconds that an evaluation took."""
    read, seconds = {}, 0.0
    for group in prometheus.api("rules")["groups"]:
        seconds += group["evaluationTime"]
        for number, rule in enumerate(group["rules"]):
            data = prometheus.api("query", query=rule["query"], time=time.time(), stats="all")
            read[group["name"], number, rule["name"]] = data["stats"]["samples"][
                "totalQueryableSamples"
            ]
    return read, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("hosts", nargs="?", type=int, default=20)
    parser.add_argument("--rules", action="store_true", help="tell what each rule reads")
    parser.add_argument("--transceivers", action="store_true", help="with `ethtool -m`")
    arguments = parser.parse_args()
    if arguments.transceivers:
        COMMANDS[-1] = TRANSCEIVERS
    with Stack(evaluation_seconds=15 if arguments.hosts > 100 else 2) as stack:
        prometheus = backfilled(stack, arguments.hosts)
        read, seconds = cost(prometheus)
        series = int(prometheus.number('count({job="netchange",instance="h0:10417"})'))
    if arguments.rules:
        for (group, _, name), count in read.items():
            print(f"{count / arguments.hosts:8.1f}  {group}: {name}")
    total = sum(read.values())
    fleet = total * FLEET // arguments.hosts
    print(
        f"{arguments.hosts} hosts of {series} series, recorded ones included: {len(read)} rules read {total:,}"
        f" samples in {seconds:.2f} s; {FLEET:,} hosts: {fleet:,} samples"
    )
    return fleet > LIMIT


if __name__ == "__main__":
    sys.exit(main())
