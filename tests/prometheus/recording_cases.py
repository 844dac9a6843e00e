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


WHO = 'comm="ethtool",parent_comm="agent"'
OPTION = f'option="-m",access="get",{WHO}'
XDP = f'operation="attach",program="filter",{WHO}'
CONFIG = f'kind="sysctl",setting="net.ipv4.ip_forward",{WHO}'

# h1: two devices, just now. h2: just now. h3: long ago, or another state.
RECENT = ["_x10 600+0x70", "_x10 601+0x70", "1+0x80"]

RECORDING_TESTS = [
    {
        "name": "fleet",
        "interval": "15s",
        "input_series": series(
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
            ["1+0x80", "2+0x80", "4+0x80"],
        )
        + series("netchange_config_changes_total", CONFIG, ["3+0x80", "0+0x80", "5+0x80"])
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
            sample("netchange_fleet:ethtool_commands:sum", OPTION, 7),
            sample("netchange_fleet:config_changes:sum", CONFIG, 8),
            sample("netchange_fleet:xdp_attached:count", 'mode="native",program="filter"', 2),
            sample("netchange_fleet:collectors_blind:count", 'collector="xdp"', 2),
        ],
    }
]
