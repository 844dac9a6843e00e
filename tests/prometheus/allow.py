# SPDX-License-Identifier: Apache-2.0
"""The allowed callers of deploy/prometheus/netchange_alerts.yml."""

import re


def allow(rules_text, callers, alert):
    """What a user does: takes the # from the example, and fills it in."""
    example = re.search(
        r"^( *)# - record: netchange:allowed_caller\n(?: *# .*\n)+", rules_text, re.MULTILINE
    )
    rules = ""
    for caller in callers:
        labels = dict(caller, **({"alert": alert} if alert else {}))
        rule = re.sub(r"^( *)# ", r"\1", example[0], flags=re.MULTILINE)
        rules += re.sub(
            r"\{.*\}", lambda _: "{" + ", ".join(f"{k}: {v}" for k, v in labels.items()) + "}", rule
        )
    return rules_text.replace(example[0], rules)
