# SPDX-License-Identifier: Apache-2.0
"""The recording rules, over three hosts."""


def series(metric, labels, values):
    return [
        {"series": f'{metric}{{job="netchange",instance="{host}",{labels}}}', "values": value}
        for host, value in zip(("h1", "h2", "h3"), values)
    ]


def sample(record, labels, value):
    return {
        "expr": record,
        "eval_time": "20m",
        "exp_samples": [{"labels": f'{record}{{job="netchange",{labels}}}', "value": value}],
    }


WHO = 'comm="ethtool",parent_comm="agent",unit="agent.service"'
OPTION = f'option="-m",access="get",{WHO}'
XDP = f'operation="attach",program="filter",{WHO}'
CONFIG = f'kind="sysctl",setting="net.ipv4.ip_forward",{WHO}'

# By scrapes each 15 s; the events are at 600 s. h1: two devices. h2: the exporter was counting before. h3: long ago, or
# another state; it cannot be scraped after 900 s.
RECENT = ["_x39 600+0x40", "1+0x39 601+0x40", "1+0x60 stale"]


def counted(*values):
    """Before the event and after it, on each host."""
    return [
        f"_x39 {after}+0x40" if before is None else f"{before}+0x39 {after}+0x40"
        for before, after in values
    ]


RECORDING_TESTS = [
    {
        "name": "fleet",
        "interval": "15s",
        "input_series": series("up", "", ["1+0x80", "1+0x80", "1+0x59 0+0x20"])
        + series("netchange_exporter_build_info", "", ["1+0x80", "1+0x80", "1+0x59 stale"])
        + series("process_start_time_seconds", "", ["-9999+0x80"] * 3)
        + series("netchange_exporter_time_seconds", "", ["0+15x80", "0+15x80", "0+15x59 stale"])
        + series(
            "netchange_ethtool_last_command_timestamp_seconds", f'device="eth0",{OPTION}', RECENT
        )
        + series(
            "netchange_ethtool_last_command_timestamp_seconds",
            f'device="eth1",{OPTION}',
            RECENT[:1],
        )
        + series(
            "netchange_xdp_last_change_timestamp_seconds",
            f'device="eth0",mode="native",{XDP}',
            RECENT,
        )
        + series("netchange_config_last_change_timestamp_seconds", CONFIG, RECENT)
        + series(
            "netchange_ethtool_commands_total",
            f'device="eth0",{OPTION}',
            counted((None, 1), (5, 7), (4, 4)),
        )
        + series(
            "netchange_ethtool_commands_total", f'device="eth1",{OPTION}', counted((None, 3))
        )
        + series(
            "netchange_xdp_changes_total",
            f'device="eth0",mode="native",{XDP}',
            counted((None, 1), (1, 2), (1, 1)),
        )
        + series("netchange_config_changes_total", CONFIG, counted((None, 3), (9, 10), (5, 5)))
        + series(
            "netchange_xdp_attached_info",
            'device="eth0",mode="native",program="filter",program_id="7"',
            ["1+0x80", "1+0x80", "stale"],
        )
        + series("netchange_collector_up", 'collector="xdp"', ["1+0x80", "0+0x80", "1+0x80"])
        + series(
            "netchange_scrape_collector_success", 'collector="xdp"', ["1+0x80", "0+0x80", "0+0x80"]
        ),
        "promql_expr_test": [
            sample("netchange_fleet:ethtool_hosts:count15m", OPTION, 2),
            sample("netchange_fleet:xdp_hosts:count15m", XDP, 2),
            sample("netchange_fleet:config_hosts:count15m", CONFIG, 2),
            sample("netchange_fleet:ethtool_commands:delta15m", OPTION, 6),
            sample("netchange_fleet:xdp_changes:delta15m", XDP, 2),
            sample("netchange_fleet:config_changes:delta15m", CONFIG, 4),
            sample("netchange_fleet:exporters:count", "", 2),
            sample("netchange_fleet:exporters_down:count", "", 1),
            sample("netchange_fleet:xdp_attached:count", 'mode="native",program="filter"', 2),
            sample("netchange_fleet:collectors_blind:count", 'collector="xdp"', 2),
        ],
    }
]
