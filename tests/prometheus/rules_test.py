#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every rule by promtool, in the scenarios that matter; then that none was forgotten.

rules_test.py RULES_DIRECTORY [ALERT...]: with the cases of rule_cases.py, each alert
- fires on one event of a series never seen before, says exactly what it should, and clears;
- does not fire on what only looks alike, nor for an expected caller;
- fires again neither after a restart of the exporter nor after a gap in the scrapes, but does on an
  event after it, and on one within it;
- says it of a process that the exporter does not name, too;
- names the right ones of several hosts.
All that is tested with groups that see the others' results at once, and with groups that see them one
evaluation later. With the situations of situation_cases.py, alerts survive wrong clocks, other target
labels, and long gaps."""

import os
import pathlib
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import yaml

from expected import with_lines, without_comments
from recording_cases import RECORDING_TESTS
from rule_cases import CASES
from scenarios import Suite, no_target, selectors
from situation_cases import SITUATIONS
from timeline import STEP


def promtool(rules, tests, late=False):
    """Runs the tests with these rules; returns promtool's complaints. `late`: groups see the results of
    those before them one evaluation later."""
    order = [group["name"] for group in rules["groups"]]
    with tempfile.TemporaryDirectory(prefix="netchange_rules.") as directory:
        file = pathlib.Path(directory) / "test.yml"
        (file.parent / "rules.yml").write_text(yaml.safe_dump(rules, sort_keys=False))
        file.write_text(
            yaml.safe_dump(
                {
                    "rule_files": ["rules.yml"],
                    "evaluation_interval": f"{STEP}s",
                    "group_eval_order": order[::-1] if late else order,
                    "tests": tests,
                },
                sort_keys=False,
            )
        )
        run = subprocess.run(
            ["promtool", "test", "rules", str(file)], capture_output=True, text=True
        )
    return (
        ""
        if run.returncode == 0
        else "\n".join(filter(None, f"{run.stdout}{run.stderr}".splitlines()))
    )


def only(rules, *alerts):
    """What these alerts need: all rules in each test would take minutes."""
    needed = [
        {
            **group,
            "rules": [rule for rule in group["rules"] if rule.get("alert", alerts[0]) in alerts],
        }
        for group in rules["groups"]
        if group["name"] in ("netchange_scrapes", "netchange_expected")
        or any(rule.get("alert") in alerts for rule in group["rules"])
    ]
    return {"groups": needed}


def with_list(rules, expected_text, selectors):
    """The rules beside a list of expected callers."""
    groups = yaml.safe_load(with_lines(expected_text, selectors))["groups"]
    return {"groups": [*rules["groups"], *groups]}


def runs(rules, expected_text, alerts):
    """(rules, tests) for each alert; where it has callers, also with lists."""
    for alert in alerts:
        suite = Suite(rules)
        cases = [case for case in CASES if case.alert == alert]
        for case in cases:
            suite.event_scenarios(case)
        if alert == "NetchangeExporterAbsent":
            suite.tests.append(no_target(suite))
        yield only(rules, alert), suite.tests
        for case in cases:
            for listed in (True, False) if case.callers else ():
                suite = Suite(rules)
                suite.expected_scenarios(case, listed)
                chosen = selectors(case, **({} if listed else {"instance": "h9:10417"}))
                yield with_list(only(rules, alert), expected_text, chosen), suite.tests


def check_none_is_forgotten(rules, cases, kind):
    missing = {
        rule[kind] for group in rules["groups"] for rule in group["rules"] if kind in rule
    } - cases
    if missing:
        sys.exit(f"rules_test: no test for {', '.join(sorted(missing))}")


def check_lines(expected_text):
    """The ready-made lines of the list, which nobody evaluates until a user takes them."""
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        file.write(without_comments(expected_text))
        file.flush()
        subprocess.run(["promtool", "check", "rules", file.name], check=True, stdout=subprocess.DEVNULL)


def check_groups(rules):
    """Rulers limit the rules of a group, often to 20."""
    for group in rules["groups"]:
        if len(group["rules"]) > 20:
            sys.exit(f"rules_test: group {group['name']} has {len(group['rules'])} rules")


def main():
    directory, chosen = pathlib.Path(sys.argv[1]), sys.argv[2:]
    alert_text, recording_text, expected_text = (
        (directory / f"netchange_{name}.yml").read_text()
        for name in ("alerts", "recording", "expected")
    )
    rules, recording = yaml.safe_load(alert_text), yaml.safe_load(recording_text)
    situations = {alert for situation in SITUATIONS for alert in situation.alerts()}
    alerts = dict.fromkeys(case.alert for case in CASES)
    check_none_is_forgotten(rules, alerts.keys() | situations, "alert")
    recorded = {sample["expr"] for test in RECORDING_TESTS for sample in test["promql_expr_test"]}
    check_none_is_forgotten(recording, recorded, "record")
    check_lines(expected_text)
    for one in (rules, recording, yaml.safe_load(without_comments(expected_text))):
        check_groups(one)
    work = [*runs(rules, expected_text, [one for one in alerts if not chosen or one in chosen])]
    for situation in SITUATIONS:
        if not chosen or situation.alerts() & set(chosen):
            needed = only(rules, *situation.alerts())
            if situation.expected:
                needed = with_list(needed, expected_text, situation.expected)
            work.append((needed, [situation.test()]))
    if not chosen:
        work.append(({"groups": [*rules["groups"], *recording["groups"]]}, RECORDING_TESTS))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = pool.map(
            lambda one: promtool(*one), [(*one, late) for one in work for late in (False, True)]
        )
        complaints = list(filter(None, complaints))
    if complaints:
        sys.exit("\n".join(complaints))
    print(f"{2 * sum(len(tests) for _, tests in work)} tests pass, of all alerts and recording rules")


main()
