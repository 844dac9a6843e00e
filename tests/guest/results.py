# SPDX-License-Identifier: Apache-2.0
"""Reads what one run of the event tests left in its results directory.

The log is the only source: it also tells how far a run came that crashed or was killed.
"""

import re
from dataclasses import dataclass, field

PASSED, FAILED, SKIPPED, UNFINISHED = "OK", "FAILED", "SKIPPED", "UNFINISHED"


@dataclass
class Case:
    result: str = UNFINISHED
    seconds: float = 0
    output: list = field(default_factory=list)


def read_log(results):
    """The lines of the run's log; none if there is no log."""
    log = results / "tests.log"
    return log.read_text(errors="replace").splitlines() if log.exists() else []


def read_cases(lines):
    """{name: Case} in the order they ran."""
    cases, current, suite_output = {}, None, []
    for line in lines:
        start = re.search(r"\[ RUN      \] (\S+)", line)
        if start:
            current = start[1]
            cases[current] = Case(output=[*suite_output, line])
        elif current:
            cases[current].output.append(line)
            end = re.search(rf"\[ +(OK|FAILED|SKIPPED) +\] {re.escape(current)}[ ,].*\((\d+) ms\)", line)
            if end:
                cases[current].result = case_result(end[1], suite_output)
                cases[current].seconds = int(end[2]) / 1000
                current = None
        elif line.startswith("[----------]"):
            suite_output = []
        else:
            suite_output.append(line)
    return cases


def case_result(result, suite_output):
    # gtest calls the cases skipped when SetUpTestSuite failed, which would hide the failure.
    failed = any(re.search(r": Failure$", line) for line in suite_output)
    return FAILED if result == SKIPPED and failed else result


def announced_cases(lines):
    """Number of cases that the run should have; None if it did not start them."""
    for line in lines:
        announced = re.match(r"\[==========\] Running (\d+) tests? from", line)
        if announced:
            return int(announced[1])
    return None


def taken_backend(lines):
    """The backend of the run, never `auto`; None if the run ended before."""
    return next((line.partition(": ")[2] for line in lines if line.startswith("backend: ")), None)


def read_status(results, name="tests"):
    """The exit status of a run; None if it did not finish."""
    file = results / f"{name}.status"
    return int(file.read_text()) if file.exists() else None


def was_booted(results):
    return (results / "finished").exists()


def write_notice(results, text):
    """One line that ./dev test repeats at its end."""
    results.mkdir(parents=True, exist_ok=True)
    (results / "notice").write_text(f"NOTICE: {text}\n")


def read_notice(results):
    file = results / "notice"
    return file.read_text().removeprefix("NOTICE: ").strip() if file.exists() else ""


def console_tail(results, lines):
    console = results / "console.log"
    if not console.exists():
        return "(no console: the guest was not booted)"
    return "\n".join(console.read_text(errors="replace").replace("\r", "").splitlines()[-lines:])
