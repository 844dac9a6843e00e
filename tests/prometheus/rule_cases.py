# SPDX-License-Identifier: Apache-2.0
"""What makes each alert fire, and exactly what it then says. scenarios.py makes scenarios of it."""

from dataclasses import dataclass, field

from timeline import Clock

NOW = "now"  # the value of a gauge that holds the time of the event
GONE = "gone"
WHO = {"comm": "ethtool", "parent_comm": "agent", "unit": "agent.service"}
IP = {"comm": "ip", "parent_comm": "agent", "unit": "session.scope"}
SYSCTL = {"comm": "sysctl", "parent_comm": "agent", "unit": "run.scope"}
BALANCER = {"comm": "irqbalance", "parent_comm": "systemd", "unit": "irqbalance.service"}
LAST_COMMAND = "netchange_ethtool_last_command_timestamp_seconds"
LAST_SLOW = "netchange_ethtool_last_slow_command_timestamp_seconds"
LAST_XDP = "netchange_xdp_last_change_timestamp_seconds"
LAST_XDP_ERROR = "netchange_xdp_last_change_error_timestamp_seconds"
LAST_CONFIG = "netchange_config_last_change_timestamp_seconds"
LONG_AGO = -90000
XDP_CHANGES = "netchange_xdp_changes_total"
XDP_ERRORS = "netchange_xdp_change_errors_total"
CONFIG_CHANGES = "netchange_config_changes_total"
# Each has the labels of a counter of the same events.
COUNTER_OF = {
    LAST_COMMAND: "netchange_ethtool_commands_total",
    LAST_SLOW: "netchange_ethtool_slow_commands_total",
    LAST_XDP: XDP_CHANGES,
    LAST_XDP_ERROR: XDP_ERRORS,
    LAST_CONFIG: CONFIG_CHANGES,
}
TIME_OF = {counter: time for time, counter in COUNTER_OF.items()}


@dataclass
class Series:
    """One that is not there before the event, or has the value `before`, and has `after` from then
    on."""

    metric: str
    labels: dict
    after: object = NOW
    before: object = None


def counterparts(one):
    if one.metric in COUNTER_OF:
        yield COUNTER_OF[one.metric], one.labels, 1
    elif one.metric in TIME_OF:
        before = LONG_AGO if one.before else None
        yield TIME_OF[one.metric], one.labels, before if one.after == one.before else NOW, before


@dataclass
class Case:
    alert: str
    series: list  # what the event leaves behind on one host
    labels: list  # of the alerts that fire then, without host and severity
    severity: str
    summary: str
    description: str  # of the first of them; {host} and {time} are filled in
    too_little: list = field(default_factory=list)  # what looks alike, and must not fire
    pending: int = 0  # seconds for which it has to last
    clears: bool = True  # by itself, 15 minutes after the event
    stays: bool = True  # over a restart of the exporter, until its 15 minutes are over
    told_after_gap: bool = True  # of an event while the host could not be scraped
    callers: list = field(default_factory=list)  # that can be allowed

    @property
    def one_process(self):
        """Whether nothing in it depends on telling processes apart."""
        return len({one.labels.get("comm") for one in self.series} - {None}) == 1

    def __post_init__(self):
        """The exporter serves no time without its counter, and no counter without its time."""
        for series in (self.series, self.too_little):
            there = {(one.metric, tuple(one.labels.items())) for one in series}
            series += [
                Series(*one)
                for other in list(series)
                for one in counterparts(other)
                if (one[0], tuple(one[1].items())) not in there
            ]


def command(
    name,
    option,
    access,
    device="eth0",
    who=None,
    transport="ioctl",
    metric=LAST_COMMAND,
    after=NOW,
    before=None,
    **more,
):
    labels = {
        "device": device,
        "command": name,
        "option": option,
        "access": access,
        "transport": transport,
        **(who or WHO),
        **more,
    }
    return Series(metric, {name: value for name, value in labels.items() if value}, after, before)


def slow(*what, **more):
    """A command that was slow: it counts among all commands, and among the slow ones."""
    return [command(*what, **more), command(*what, metric=LAST_SLOW, **more)]


def xdp(operation, program="filter", metric=LAST_XDP, after=NOW, before=None, who=None, **more):
    return Series(
        metric,
        {
            "device": "eth0",
            "operation": operation,
            "mode": "native",
            "program": program,
            **(who or IP),
            **more,
        },
        after,
        before,
    )


def config(
    kind, setting, device=None, who=None, metric=LAST_CONFIG, after=NOW, before=None, **more
):
    labels = {"kind": kind, "setting": setting, "device": device, **(who or SYSCTL), **more}
    return Series(metric, {name: value for name, value in labels.items() if value}, after, before)


def changes(who, after, before=None, setting="net.ipv4.ip_forward", device=None):
    return config(
        "sysctl",
        setting,
        device,
        who=who,
        metric=CONFIG_CHANGES,
        after=after,
        before=before,
    )


def written(setting, device, value):
    """The value that a write left; kept by the exporter without process."""
    labels = {"kind": "sysctl", "setting": setting, "device": device}
    return Series(
        "netchange_config_value",
        {name: label for name, label in labels.items() if label},
        value,
    )


CILIUM = {"comm": "cilium-agent", "parent_comm": "containerd-shim", "unit": "container"}
DOCKER = {"comm": "dockerd", "parent_comm": "systemd", "unit": "docker.service"}
TUNED = {"comm": "tuned", "parent_comm": "systemd", "unit": "tuned.service"}
ALL_FORWARDING = {"setting": "net.ipv4.conf.*.forwarding", "device": "all"}
FORWARD = {"kind": "sysctl", "setting": "net.ipv4.ip_forward"}

CASES = [
    Case(
        "NetchangeModuleEepromRead",
        [command("ETHTOOL_MSG_MODULE_EEPROM_GET", "-m", "get", transport="netlink")],
        [{"device": "eth0", "option": "-m", **WHO}],
        "warning",
        "ethtool -m eth0 on {host}",
        "On host {host}, ethtool (unit agent.service),"
        " started by agent, requested the module EEPROM of eth0 (ethtool -m)"
        " at {time}. Many NICs delay packets during the read.",
        too_little=[command("ETHTOOL_GDRVINFO", "-i", "get")],
        callers=[WHO],
    ),
    # By ioctl it is two commands; in a namespace, by a process without a parent.
    Case(
        "NetchangeModuleEepromRead",
        [
            command("ETHTOOL_GMODULEINFO", "-m", "get", netns="blue", parent_comm="", unit=""),
            command("ETHTOOL_GMODULEEEPROM", "-m", "get", netns="blue", parent_comm="", unit=""),
        ],
        [{"device": "eth0", "option": "-m", "netns": "blue", "comm": "ethtool"}],
        "warning",
        "ethtool -m eth0 on {host}",
        "On host {host}, ethtool, started by an unknown process, requested the module EEPROM of eth0"
        " in namespace blue (ethtool -m) at {time}. Many NICs delay packets during the read.",
        callers=[{"comm": "ethtool"}],
    ),
    *[
        Case(
            "NetchangeEthtoolDump",
            [command(name, option, "get")],
            [{"device": "eth0", "option": option, **WHO}],
            "warning",
            f"ethtool {option} eth0 (dump) on {{host}}",
            f"On host {{host}}, ethtool (unit agent.service),"
            f" started by agent, requested a dump of eth0 (ethtool {option}) at"
            " {time}. With some drivers this takes seconds.",
            too_little=[command("ETHTOOL_GDRVINFO", "-i", "get")],
            callers=[WHO],
        )
        for name, option in [
            ("ETHTOOL_GEEPROM", "-e"),
            ("ETHTOOL_GREGS", "-d"),
            ("ETHTOOL_GET_DUMP_DATA", "-w"),
        ]
    ],
    *[
        Case(
            "NetchangeEthtoolAction",
            [command(name, option, access, transport=transport)],
            [
                {
                    "device": "eth0",
                    "command": name,
                    "option": option,
                    "access": access,
                    "transport": transport,
                    **WHO,
                }
            ],
            "critical",
            f"{name} ({option}) sent to eth0 on {{host}}",
            f"On host {{host}}, ethtool (unit agent.service),"
            f" started by agent, sent {name} (ethtool {option}) to eth0 at"
            " {time}. Self-tests, resets, flashing and cable tests interrupt traffic.",
            too_little=[
                command("ETHTOOL_PHYS_ID", "-p", "act"),
                command("ETHTOOL_GLINK", "", "get"),
            ],
            callers=[WHO],
        )
        for name, option, access, transport in [
            ("ETHTOOL_TEST", "-t", "act", "ioctl"),
            ("ETHTOOL_RESET", "--reset", "act", "ioctl"),
            ("ETHTOOL_FLASHDEV", "-f", "act", "ioctl"),
            ("ETHTOOL_SEEPROM", "-E", "set", "ioctl"),
            ("ETHTOOL_MSG_MODULE_FW_FLASH_ACT", "--flash-module-firmware", "act", "netlink"),
        ]
    ],
    *[
        Case(
            "NetchangeEthtoolSet",
            [command(name, option, "set")],
            [{"device": "eth0", "command": name, "option": option, **WHO}],
            "warning",
            f"{name} ({option}) sent to eth0 on {{host}}",
            f"On host {{host}}, ethtool (unit agent.service),"
            f" started by agent, sent {name} (ethtool {option}) to eth0 at"
            " {time}. Many drivers drop packets or the link while they set rings, channels or features.",
            too_little=[
                command("ETHTOOL_GRINGPARAM", "-g", "get"),
                command("ETHTOOL_SEEPROM", "-E", "set"),
            ],
            callers=[WHO],
        )
        for name, option in [
            ("ETHTOOL_SRINGPARAM", "-G"),
            ("ETHTOOL_MSG_CHANNELS_SET", "-L"),
            ("ETHTOOL_SCOALESCE", "-C"),
            ("ETHTOOL_MSG_FEATURES_SET", "-K"),
        ]
    ],
    # One that ethtool(8) has no option for.
    Case(
        "NetchangeEthtoolSet",
        [command("ETHTOOL_MSG_RSS_SET", "", "set", transport="netlink")],
        [{"device": "eth0", "command": "ETHTOOL_MSG_RSS_SET", **WHO}],
        "warning",
        "ETHTOOL_MSG_RSS_SET sent to eth0 on {host}",
        "On host {host}, ethtool (unit agent.service),"
        " started by agent, sent ETHTOOL_MSG_RSS_SET to eth0 at {time}."
        " Many drivers drop packets or the link while they set rings, channels or features.",
        callers=[WHO],
    ),
    # Whose command was slow is known: no reason is a fast one of another process, or an old one.
    *[
        Case(
            "NetchangeEthtoolSlow",
            [*slow(name, option, "get", **more), *others],
            [
                {
                    "device": "eth0",
                    "command": name,
                    **({"option": option} if option else {}),
                    **more,
                    **WHO,
                }
            ],
            "warning",
            f"{name}{option and f' ({option})'} to eth0 on {{host}} was slow",
            f"On host {{host}}, ethtool (unit agent.service), started by agent, sent"
            f" {name}{option and f' (ethtool {option})'} to eth0{' in namespace blue' if more else ''} at"
            " {time}. The kernel needed longer for it than the exporter's ethtool.slow (100 ms by default)."
            " Other ethtool commands and network configuration waited meanwhile.",
            too_little=[command(name, option, "get"), *others],
            callers=[WHO],
        )
        for name, option, more, others in [
            (
                "ETHTOOL_GREGS",
                "-d",
                {},
                [
                    command("ETHTOOL_GREGS", "-d", "get", who=CILIUM),
                    *slow("ETHTOOL_GREGS", "-d", "get", who=DOCKER, after=LONG_AGO, before=LONG_AGO),
                ],
            ),
            ("ETHTOOL_MSG_STRSET_GET", "", {"netns": "blue"}, []),
        ]
    ],
    Case(
        "NetchangeXdpDetached",
        [xdp("detach")],
        [{"device": "eth0", "operation": "detach", "mode": "native", "program": "filter", **IP}],
        "critical",
        "XDP program filter was detached from eth0 on {host}",
        "On host {host}, ip (unit session.scope),"
        " started by agent, detached the native XDP program filter from eth0 at"
        " {time}. It has attached no program there since.",
        too_little=[
            xdp("detach"),
            xdp("attach", after=1201),
            xdp("device_deleted", who={"comm": "kworker"}, device="eth1"),
        ],
        callers=[IP],
    ),
    # Its owner, who is allowed, attached it again before anybody looked.
    Case(
        "NetchangeXdpDetached",
        [xdp("detach"), xdp("attach", after=1201, who=CILIUM)],
        [{"device": "eth0", "operation": "detach", "mode": "native", "program": "filter", **IP}],
        "critical",
        "XDP program filter was detached from eth0 on {host}",
        "On host {host}, ip (unit session.scope),"
        " started by agent, detached the native XDP program filter from eth0 at"
        " {time}. It has attached no program there since.",
        callers=[IP],
    ),
    *[
        Case(
            "NetchangeXdpAttached",
            [xdp(operation)],
            [
                {
                    "device": "eth0",
                    "operation": operation,
                    "mode": "native",
                    "program": "filter",
                    **IP,
                }
            ],
            "warning",
            f"XDP program filter was attached to eth0 on {{host}} ({operation})",
            f"On host {{host}}, ip (unit session.scope),"
            f" started by agent, attached the native XDP program filter to eth0"
            f" ({operation}) at {{time}}. The program sees every packet that arrives there.",
            too_little=[xdp("detach"), xdp("device_deleted")],
            callers=[IP],
        )
        for operation in ("attach", "replace")
    ],
    Case(
        "NetchangeXdpFlapping",
        [
            xdp("attach", metric=XDP_CHANGES, after=2),
            xdp("detach", metric=XDP_CHANGES, after=2),
            xdp("device_deleted", metric=XDP_CHANGES, after=9),
        ],
        [{"device": "eth0", **IP}],
        "warning",
        "XDP on eth0 on {host} is flapping: at least 4 changes in 15 minutes",
        "On host {host}, the XDP program of eth0 changed at least 4 times in 15 minutes; ip"
        " (unit session.scope), started by agent, made 4 of these changes.",
        too_little=[
            xdp("attach", metric=XDP_CHANGES, after=52, before=50),
            xdp("detach", metric=XDP_CHANGES, after=1),
            xdp("device_deleted", metric=XDP_CHANGES, after=9),
        ],
        stays=False,
        callers=[IP],
    ),
    *[
        Case(
            "NetchangeXdpChangeFailed",
            [
                xdp(operation, program, metric=LAST_XDP_ERROR, errno="EBUSY"),
                xdp(operation, program, metric=LAST_XDP_ERROR, after=LONG_AGO, before=LONG_AGO, errno="EPERM"),
            ],
            [
                {
                    "device": "eth0",
                    "operation": operation,
                    "mode": "native",
                    **({"program": program} if program else {}),
                    "errno": "EBUSY",
                    **IP,
                }
            ],
            "warning",
            f"XDP {operation} on eth0 failed with EBUSY on {{host}}",
            f"On host {{host}}, ip (unit session.scope), started by agent, failed to {operation} XDP program"
            f" {program or '(none)'} (mode: native) on eth0 at {{time}}: EBUSY.",
            too_little=[
                xdp(operation, program, metric=LAST_XDP_ERROR, after=LONG_AGO, before=LONG_AGO, errno="EBUSY"),
                xdp(operation, program),
            ],
            callers=[IP],
        )
        for operation, program in [("attach", "filter"), ("detach", "")]
    ],
    # Off is critical, on is not. Without a value (one that is no number), nobody knows: a warning.
    *[
        Case(
            "NetchangeForwardingChanged",
            [
                config("sysctl", setting, device),
                *([written(setting, device, value)] if value is not None else []),
            ],
            [
                {
                    "kind": "sysctl",
                    "setting": setting,
                    **({"device": device} if device else {}),
                    **SYSCTL,
                }
            ],
            "critical" if value == 0 else "warning",
            f"Forwarding was {'turned off' if value == 0 else 'changed'} on {{host}}: {setting}"
            + (f" (device {device})" if device else ""),
            f"On host {{host}}, sysctl (unit run.scope),"
            f" started by agent, changed {setting} (device: {device or 'none'}) at"
            f" {{time}}. The value is now {'unknown' if value is None else value}.",
            too_little=[
                config("sysctl", "net.ipv4.ip_forward_use_pmtu"),
                written("net.ipv4.ip_forward", None, 0),
            ],
            callers=[SYSCTL],
        )
        for setting, device, value in [
            ("net.ipv4.ip_forward", None, 0),
            ("net.ipv4.conf.*.forwarding", "all", 0),
            ("net.ipv6.conf.*.forwarding", "eth0", 0),
            ("net.ipv4.ip_forward", None, 1),
            ("net.ipv6.conf.*.forwarding", "all", None),
        ]
    ],
    Case(
        "NetchangeRpFilterChanged",
        [
            config("sysctl", "net.ipv4.conf.*.rp_filter", "eth0"),
            written("net.ipv4.conf.*.rp_filter", "eth0", 2),
        ],
        [{"kind": "sysctl", "setting": "net.ipv4.conf.*.rp_filter", "device": "eth0", **SYSCTL}],
        "warning",
        "rp_filter of eth0 was changed on {host}",
        "On host {host}, sysctl (unit run.scope),"
        " started by agent, changed net.ipv4.conf.*.rp_filter (device: eth0) at"
        " {time}. The value is now 2. A stricter value drops packets that arrive"
        " on another device than the answer would leave by.",
        too_little=[config("sysctl", "net.ipv4.conf.*.forwarding", "eth0")],
        callers=[SYSCTL],
    ),
    Case(
        "NetchangeIrqAffinityChanged",
        [
            config("irq_affinity", "smp_affinity", "eth0", BALANCER, irq="24"),
            config("irq_affinity", "smp_affinity", "eth0", BALANCER, irq="25"),
        ],
        [{"kind": "irq_affinity", "device": "eth0", **BALANCER}],
        "warning",
        "IRQ affinity of eth0 was changed on {host}",
        "On host {host}, irqbalance (unit irqbalance.service),"
        " started by systemd, changed the CPU affinity of interrupts"
        " (device: eth0), last at {time}.",
        too_little=[config("rps", "rps_cpus", "eth0", BALANCER, queue="rx-0")],
        callers=[BALANCER],
    ),
    *[
        Case(
            "NetchangeConfigChanged",
            [config(kind, setting, device, queue=queue)],
            [
                {
                    "kind": kind,
                    "setting": setting,
                    **({"device": device} if device else {}),
                    **SYSCTL,
                }
            ],
            "info",
            f"{setting} ({kind}) was changed on {{host}}",
            f"On host {{host}}, sysctl (unit run.scope), started by agent, changed {setting} ({kind}, device:"
            f" {device or 'none'}) at {{time}}.",
            too_little=[
                config("sysctl", "net.ipv4.ip_forward"),
                config("sysctl", "net.ipv4.conf.*.rp_filter", "eth0"),
                config("irq_affinity", "smp_affinity", "eth0", irq="24"),
            ],
            callers=[SYSCTL],
        )
        for kind, setting, device, queue in [
            ("sysctl", "net.core.somaxconn", None, None),
            ("rps", "rps_cpus", "eth0", "rx-0"),
            ("xps", "xps_cpus", "eth0", "tx-0"),
            ("link", "mtu", "eth0", None),
        ]
    ],
    Case(
        "NetchangeSettingFight",
        [changes(TUNED, 2), changes(DOCKER, 2)],
        [{**FORWARD, **TUNED}, {**FORWARD, **DOCKER}],
        "warning",
        "Processes fight over net.ipv4.ip_forward on {host}",
        "On host {host}, tuned (unit tuned.service),"
        " started by systemd, changed net.ipv4.ip_forward (sysctl, device: none) 2"
        " times in 15 minutes. At least one other process did the same.",
        too_little=[changes(TUNED, 9), changes(DOCKER, 6, before=5)],
        stays=False,
        told_after_gap=False,
        callers=[TUNED, DOCKER],
    ),
    # One switch by two names; too little is what one process does by both.
    Case(
        "NetchangeSettingFight",
        [changes(TUNED, 2), changes(DOCKER, 2, **ALL_FORWARDING)],
        [
            {**FORWARD, **TUNED},
            {"kind": "sysctl", **ALL_FORWARDING, **DOCKER},
        ],
        "warning",
        "Processes fight over net.ipv4.ip_forward on {host}",
        "On host {host}, tuned (unit tuned.service),"
        " started by systemd, changed net.ipv4.ip_forward (sysctl, device: none) 2"
        " times in 15 minutes. At least one other process did the same.",
        too_little=[changes(TUNED, 9), changes(TUNED, 9, **ALL_FORWARDING)],
        stays=False,
        told_after_gap=False,
        callers=[TUNED, DOCKER],
    ),
    Case(
        "NetchangeExporterDown",
        [Series("up", {}, 0, 1)],
        [{}],
        "warning",
        "netchange_exporter on {host} cannot be scraped",
        "Prometheus could not scrape {host} for 2 minutes. Changes to the network there cause no"
        " alerts.",
        pending=120,
        clears=False,
    ),
    Case(
        "NetchangeExporterAbsent",
        [Series("up", {}, GONE, 1)],
        [{}],
        "warning",
        "netchange_exporter on {host} is no longer a target",
        "Prometheus has had no target {host} of job netchange for 5 minutes. Changes to the"
        " network there cause no alerts.",
        pending=300,
        clears=False,
    ),
    *[
        Case(
            "NetchangeCollectorBlind",
            [Series(metric, {"collector": "xdp"}, 0, 1)],
            [{"collector": "xdp"}],
            "warning",
            "Collector xdp on {host} is blind",
            "On host {host}, collector xdp traces no events, or its maps cannot be read. The reason is in"
            " the exporter's log and on http://{host}/.",
            pending=60,
            clears=False,
        )
        for metric in ("netchange_collector_up", "netchange_scrape_collector_success")
    ],
    *[
        Case(
            "NetchangeClockSkew",
            [Series("netchange_exporter_time_seconds", {}, Clock(offset), Clock(sign * 59))],
            [{}],
            "warning",
            f"The clock of {{host}} is wrong by {length}",
            f"The clock of host {{host}} is {length} {side} the clock of Prometheus. The times in the alerts on"
            " that host are wrong by as much. If it is more than 45 minutes behind, events there may cause no"
            " alerts.",
            too_little=[Series("netchange_exporter_time_seconds", {}, Clock(sign * 60), Clock(0))],
            pending=60,
            clears=False,
        )
        for offset, length, side, sign in [
            (61, "1m 1s", "ahead of", 1),
            (-600, "10m 0s", "behind", -1),
            (86400, "1d 0h 0m 0s", "ahead of", 1),
        ]
    ],
    # The counter exists from the start. If the first loss came before the first scrape, its first sample is 1.
    *[
        Case(
            "NetchangeUpdatesLost",
            [Series("netchange_lost_updates_total", {"collector": "xdp"}, 1, before)],
            [{"collector": "xdp"}],
            "warning",
            "Collector xdp on {host} lost counts",
            "On host {host}, collector xdp lost 1 update(s) in the last 15 minutes. Its counts may be wrong"
            " by about this number.",
            stays=False,
            too_little=[Series("netchange_lost_updates_total", {"collector": "xdp"}, 3, 3)],
        )
        for before in (0, None)
    ],
    Case(
        "NetchangeEventsLost",
        [Series("netchange_lost_events_total", {}, 1, 0)],
        [{}],
        "info",
        "The event log on {host} lost events",
        "On host {host}, the event log (/changes) lost 1 event(s) in the last 15 minutes. The counters"
        " have them.",
        stays=False,
        too_little=[Series("netchange_lost_events_total", {}, 3, 3)],
    ),
    Case(
        "NetchangeMapNearlyFull",
        [
            Series("netchange_map_entries", {"map": "xdp_changes"}, 81, 80),
            Series("netchange_map_capacity", {"map": "xdp_changes"}, 100, 100),
        ],
        [{"map": "xdp_changes"}],
        "warning",
        "Map xdp_changes on {host} is nearly full",
        "On host {host}, map xdp_changes is 81% full. When it is full, events of new series"
        " are lost.",
        pending=60,
        clears=False,
    ),
]
