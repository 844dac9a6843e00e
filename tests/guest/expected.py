# SPDX-License-Identifier: Apache-2.0
"""The expected result of each event test, by kernel and backend (kernels.toml)."""

import fnmatch
import functools
import pathlib
import re
import tomllib

import results

FILE = pathlib.Path(__file__).resolve().with_name("kernels.toml")
PASSED, STATED, WRONG = "passed", "stated", "wrong"
WORDS = {results.FAILED: "failed", results.SKIPPED: "was skipped"}


@functools.cache
def table():
    return tomllib.loads(FILE.read_text())


def once_patterns():
    """Cases that run with the backend `auto` only: the backend makes no difference to them."""
    return [pattern for entry in table().get("once", []) for pattern in entry["cases"]]


def runs_once(name):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in once_patterns())


def difference(suite, backend, name):
    """The entry of kernels.toml for this case; None if it must pass."""
    for entry in table().get("difference", []):
        if (suite in entry.get("kernels", [suite]) and backend in entry.get("backends", [backend])
                and any(fnmatch.fnmatchcase(name, pattern) for pattern in entry["cases"])):
            return entry
    return None


def judge(suite, backend, name, case):
    """(PASSED, ""), (STATED, the reason), or (WRONG, what is wrong), of a case. `suite`: None if it is no
    guest's, where a case may skip itself. `backend`: the one that the run had, None if not known."""
    if case.result == results.UNFINISHED:
        return WRONG, "it did not finish: it crashed, or the run was stopped at its time limit"
    if not suite and case.result == results.SKIPPED:
        return STATED, "by the case itself"
    stated = difference(suite, backend, name) if suite else None
    if not stated:
        if case.result == results.PASSED:
            return PASSED, ""
        where = f", and {FILE.name} does not state it for {suite} by {backend}" if suite else ""
        return WRONG, f"it {WORDS[case.result]}{where}"
    if case.result == results.PASSED and stated.get("sometimes"):
        return STATED, f"(this time it passed) {stated['reason']}"
    if case.result == results.PASSED:
        return WRONG, f"it passed: {FILE.name} is stale, which states: {stated['reason']}"
    for failure in failures(case):
        if not re.search(stated["shows"], failure):
            return WRONG, f"it {WORDS[case.result]} otherwise than stated: {stated['reason']}"
    return STATED, stated["reason"]


def failures(case):
    """Texts of the failed assertions, or of the skip."""
    parts = re.split(r"^.*: (?:Failure|Skipped)$", "\n".join(case.output), flags=re.MULTILINE)
    return parts[1:] or parts


def unknown_patterns(cases):
    """Patterns of kernels.toml that match no case of a whole run: a case was renamed or removed."""
    patterns = {pattern for entry in table().get("difference", []) for pattern in entry["cases"]}
    patterns.update(once_patterns())
    return sorted(pattern for pattern in patterns if not fnmatch.filter(cases, pattern))
