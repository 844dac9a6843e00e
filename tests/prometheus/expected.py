# SPDX-License-Identifier: Apache-2.0
"""The list of expected callers, deploy/prometheus/netchange_expected.yml."""

import re


def selector(metric, **labels):
    matchers = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return f"{metric}{{{matchers}}}"


def with_lines(text, selectors):
    """What a user does: copies a line of the file, and fills in a name and a selector."""
    example = re.search(r"^( *)# (- \{record: netchange:expected, .*)\n", text, re.MULTILINE)
    for number, one in enumerate(selectors, 1):
        line = re.sub(r"line: [\w-]+", f"line: line-{number}", example[1] + example[2])
        text += re.sub(r"expr: '.*'", lambda _: f"expr: '{one} or vector(0)'", line) + "\n"
    return text


def without_comments(text):
    """All ready-made lines in force."""
    return re.sub(r"^( *)# (- \{record: )", r"\1\2", text, flags=re.MULTILINE)
