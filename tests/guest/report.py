# SPDX-License-Identifier: Apache-2.0
"""Reports one run of the event tests: summary, slowest cases, and errors."""

import expected
import results

SLOWEST = 15


def report(title, suite, directory, whole=True):
    """(text for people, lines that say what is wrong). `suite`: whose kernel, None if it is no guest's.
    `whole`: the run had every case that it should have, none was left out by hand."""
    lines = results.read_log(directory)
    cases, backend = results.read_cases(lines), results.taken_backend(lines)
    judged = {name: expected.judge(suite, backend, name, case) for name, case in cases.items()}
    kinds = [kind for kind, _ in judged.values()]
    counts = ", ".join(f"{kinds.count(kind)} {word}" for kind, word in (
        (expected.PASSED, "passed"), (expected.STATED, "as stated"), (expected.WRONG, "wrong")))
    text = [f"{title}: {backend}: {counts}", *exporters_line(lines), *slowest(cases)]
    wrong = [f"{name}: {why}" for name, (kind, why) in judged.items() if kind == expected.WRONG]
    outputs = [line for name, (kind, _) in judged.items() if kind == expected.WRONG
               for line in cases[name].output]
    wrong += run_failures(directory, lines, cases, bool(wrong), whole)
    return "\n".join(text), outputs, wrong


def run_failures(directory, lines, cases, told, whole):
    """Errors of the run as a whole."""
    wrong, status = [], results.read_status(directory)
    announced = results.announced_cases(lines)
    if announced is None:
        wrong.append(f"the event tests did not start (exit status {status})")
    elif announced == 0:
        wrong.append("no case was run")
    elif announced != len(cases):
        wrong.append(f"{announced - len(cases)} of {announced} cases were not reached: the run crashed, or was "
                     f"stopped at its time limit (exit status {status})")
    failed = any(case.result == results.FAILED for case in cases.values())
    if not wrong and not told and status != int(failed):
        wrong.append(f"the run ended with status {status}, and no case says why (see tests.log)")
    if whole:
        wrong += [f"kernels.toml names {pattern}, which is no case of the event tests"
                  for pattern in expected.unknown_patterns(cases)]
    return wrong


def exporters_line(lines):
    """Time that the run spent on starting exporters, as printed by the event tests."""
    return [f"  {line}" for line in lines if line.startswith("exporters: ")]


def slowest(cases):
    ordered = sorted(cases.items(), key=lambda item: -item[1].seconds)[:SLOWEST]
    total = sum(case.seconds for case in cases.values())
    return [f"  slowest of {len(cases)} cases ({total:.1f} s together):",
            *(f"  {case.seconds:7.1f} s  {name}" for name, case in ordered)]
