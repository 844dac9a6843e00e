#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""names_test.py SOURCE_DIRECTORY: alerts are complete, and rules and dashboards use only what
docs/metrics.md promises."""

import json
import pathlib
import re
import sys

import yaml

from expected import without_comments

# Labels and metrics of Prometheus, of the scrape, of histograms and of the rules.
OTHER_LABELS = {"cluster", "job", "instance", "le", "line", "severity", "alertname", "__name__"}
# Labels of those who act.
ACTOR_LABELS = {"comm", "parent_comm", "unit"}
OTHER_METRICS = {"up", "ALERTS"}
# Alerts that are not about one host, and the labels that they name instead.
ABOUT_MANY = {"NetchangeManyExportersDown": ["job"], "NetchangeExpectedUnused": ["line"]}

STRING = r'"(?:[^"\\]|\\.)*"'
GROUPING = r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)\)"
METRIC = r"\b(?:netchange_[a-z0-9_]+|process_[a-z0-9_]+|up|ALERTS)\b(?![:(])"


def documented(text):
    """Metric types, and labels, from the tables of docs/metrics.md."""
    metrics, labels = {}, set()
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) < 4 or not cells[1].startswith("`"):
            continue
        name = cells[1].strip("`")
        if cells[2] in ("counter", "gauge", "histogram"):
            metrics[name] = cells[2]
            labels |= set(re.findall(r"`([a-z_]+)`", cells[3]))
        else:
            labels.add(name)
    return metrics, labels


def unknown_names(expression, metrics, labels, recorded):
    """Names in the PromQL expression that docs/metrics.md does not have."""
    bare = re.sub(STRING, '""', expression)
    bare = re.sub(r"\$\{?\w+(:\w+)?\}?", "1", bare)  # Grafana's variables
    used_labels = {
        name
        for matchers in re.findall(r"\{([^{}]*)\}", bare)
        for name in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers)
    }
    used_labels |= {
        name for group in re.findall(GROUPING, bare) for name in re.findall(r"\w+", group)
    }
    plain = re.sub(r"\{[^{}]*\}|" + GROUPING, " ", bare)
    used_recorded = set(re.findall(r"\bnetchange\w*:\w+(?::\w+)?", plain))
    used_metrics = set(re.findall(METRIC, re.sub(r"\bnetchange\w*:\w+(?::\w+)?", " ", plain)))
    histograms = {
        name + end
        for name, kind in metrics.items()
        if kind == "histogram"
        for end in ("_bucket", "_count", "_sum")
    }
    known = set(metrics) | histograms | OTHER_METRICS
    return (
        (used_metrics - known)
        | (used_labels - labels - OTHER_LABELS)
        | (used_recorded - recorded)
    )


def check_alert(rule, docs, metrics, labels):
    """Complaints about one alert."""
    name, annotations = rule["alert"], rule.get("annotations", {})
    if rule.get("labels", {}).get("severity") not in ("critical", "warning", "info"):
        yield f"{name}: severity is not critical, warning or info"
    yield from (
        f"{name}: no {wanted}"
        for wanted in ("summary", "description", "runbook_url")
        if not annotations.get(wanted)
    )
    text = annotations.get("summary", "") + annotations.get("description", "")
    about_process = ":unexpected15m" in rule["expr"] or "netchange:expected" in rule["expr"]
    about_process = about_process and name not in ABOUT_MANY
    wanted = ABOUT_MANY.get(name) or ["instance"] + ["device", *sorted(ACTOR_LABELS)] * about_process
    yield from (
        f"{name}: the description does not name the {label}"
        for label in wanted
        if f"$labels.{label}" not in annotations.get("description", "")
    )
    yield from (
        f"{name}: {label} is no label"
        for label in re.findall(r"\$labels\.(\w+)", text)
        if label not in labels | OTHER_LABELS
    )
    if "$labels.comm" in text and not about_process:
        yield f"{name}: expected callers make it fire too"
    for metric in re.findall(METRIC + r"(?=\{)", text):
        if metric not in metrics:
            yield f"{name}: {metric} is not in docs/metrics.md"
    if "increase(" in rule["expr"] or "rate(" in rule["expr"]:
        yield f"{name}: increase() and rate() miss the first event"
    yield from check_runbook(name, annotations.get("runbook_url", ""), docs)


def incomplete_groupings(expression):
    """A list has all labels of those who act, or none. In `ignoring (...) group_left ()`, which joins an
    event with its host, a label that is missing would find no host, and the event would not alert."""
    for group in re.findall(GROUPING, re.sub(STRING, '""', expression)):
        names = set(re.findall(r"\w+", group))
        if names & ACTOR_LABELS and not ACTOR_LABELS <= names:
            yield group
    for group in re.findall(r"ignoring \(([^()]*)\) group_left", expression):
        if not ACTOR_LABELS | {"device", "netns"} <= set(re.findall(r"\w+", group)):
            yield group


def check_runbook(name, url, docs):
    page, _, anchor = url.partition("#")
    file = docs.parent / page
    if not file.is_file():
        yield f"{name}: {url} does not exist"
    elif anchor != name.lower() or f"## {name}" not in file.read_text().splitlines():
        yield f"{name}: {page} has no section for it"


def panels(dashboard):
    for panel in dashboard.get("panels", []):
        yield panel
        yield from panels(panel)


def dashboard_queries(dashboard):
    """(where, expression) of panels, variables and annotations."""
    for panel in panels(dashboard):
        for query in panel.get("targets", []):
            yield panel["title"], query["expr"]
    for annotation in dashboard["annotations"].get("list", []):
        if "expr" in annotation:
            yield annotation["name"], annotation["expr"]
    for variable in dashboard["templating"]["list"]:
        query = variable.get("query")
        if isinstance(query, dict):
            yield (
                "variable " + variable["name"],
                re.sub(r"label_values\((.*), *(\w+)\)", r"sum by (\2) (\1)", query["query"]),
            )


def check(source):
    docs = source / "docs"
    metrics, labels = documented((docs / "metrics.md").read_text())
    files = [
        source / "deploy/prometheus" / name
        for name in ("netchange_alerts.yml", "netchange_recording.yml", "netchange_expected.yml")
    ]
    rules = [
        rule
        for file in files
        for group in yaml.safe_load(without_comments(file.read_text()))["groups"]
        for rule in group["rules"]
    ]
    recorded = {rule["record"] for rule in rules if "record" in rule}
    for rule in rules:
        if "alert" in rule:
            yield from check_alert(rule, docs, metrics, labels)
        for group in incomplete_groupings(rule["expr"]):
            yield f"{rule.get('alert') or rule['record']}: ({group}) lacks a label"
        for name in unknown_names(rule["expr"], metrics, labels, recorded):
            yield f"{rule.get('alert') or rule['record']}: {name} is not in docs/metrics.md"
    dashboards = sorted((source / "dashboards").glob("netchange-*.json"))
    for file in dashboards:
        for where, expression in dashboard_queries(json.loads(file.read_text())):
            for name in unknown_names(expression, metrics, labels, recorded):
                yield f"{file.name}: {where}: {name} is not in docs/metrics.md"
    if len(metrics) < 20 or len(labels) < 10 or len(rules) < 20 or not dashboards:
        yield "docs/metrics.md, the rules or the dashboards were not found"


complaints = list(check(pathlib.Path(sys.argv[1])))
sys.exit("\n".join(complaints) or 0)
