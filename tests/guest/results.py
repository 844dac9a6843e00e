# SPDX-License-Identifier: Apache-2.0
"""Reads what a boot left in its results directory.

The log of a run is the only source: it also tells how far a run came that crashed or was killed.
"""

import re
from dataclasses import dataclass, field

PASSED, FAILED, SKIPPED, UNFINISHED = "OK", "FAILED", "SKIPPED", "UNFINISHED"


@dataclass
class Case:
    result: str = UNFINISHED
    output: list = field(default_factory=list)


def read_cases(results, backend):
    """{name: Case} in the order they ran; empty if there is no log."""
    log = results / f"{backend}.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    cases, current, suite_output = {}, None, []
    for line in lines:
        start = re.search(r"\[ RUN      \] (\S+)", line)
        if start:
            current = start[1]
            cases[current] = Case(output=[*suite_output, line])
        elif current:
            cases[current].output.append(line)
            end = re.search(rf"\[ +(OK|FAILED|SKIPPED) +\] {re.escape(current)}[ ,]", line)
            if end:
                cases[current].result = case_result(end[1], suite_output)
                current = None
        elif line.startswith("[----------]"):
            suite_output = []
        else:
            suite_output.append(line)
    return cases


def taken_backend(results, run):
    """The backend that a run had: of `auto` the one that it took, None if it did not come that far."""
    log = results / f"{run}.log"
    if run != "auto" or not log.exists():
        return None if run == "auto" else run
    taken = re.search(r"^backend: (\w+)$", log.read_text(errors="replace"), re.MULTILINE)
    return taken and taken[1]


def case_result(result, suite_output):
    # gtest calls the cases skipped when SetUpTestSuite failed, which would hide the failure.
    failed = any(re.search(r": Failure$", line) for line in suite_output)
    return FAILED if result == SKIPPED and failed else result


def read_status(results, name):
    """The exit status of a run, None if the guest did not come that far."""
    file = results / f"{name}.status"
    return int(file.read_text()) if file.exists() else None


def was_booted(results):
    return (results / "finished").exists()


def write_notice(results, text):
    """One line that ./dev test repeats at its end."""
    results.mkdir(parents=True, exist_ok=True)
    (results / "notice").write_text(text + "\n")


def read_notice(results):
    file = results / "notice"
    return file.read_text().strip() if file.exists() else ""


def console_tail(results, lines):
    console = results / "console.log"
    if not console.exists():
        return "(no console: the guest was not booted)"
    return "\n".join(console.read_text(errors="replace").replace("\r", "").splitlines()[-lines:])
