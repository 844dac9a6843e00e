# SPDX-License-Identifier: Apache-2.0
"""Scrapes and evaluations of promtool's tests, and its notation of series."""

from dataclasses import dataclass

STEP = 30  # seconds between scrapes, and between evaluations
EVENT = 1200  # when the event happens, just before a scrape
WINDOW = 900  # for which an alert looks back
END = 4500
SCRAPES = END // STEP


@dataclass(frozen=True)
class Clock:
    """A value that is the time, by a clock that is `ahead` seconds ahead."""

    ahead: int = 0


def values(parts, scrapes=SCRAPES):
    """Promtool's notation for (seconds, value) parts, each lasting until the next; None: no sample."""
    starts = [start // STEP for start, _ in parts] + [scrapes]
    words, there = [], False
    for (_, value), start, end in zip(parts, starts, starts[1:]):
        gone = value is None
        if gone:
            words += ["stale" if there else "_"] + [f"_x{end - start - 1}"] * (end - start > 1)
        else:
            first, step = (start * STEP + value.ahead, STEP) if isinstance(value, Clock) else (value, 0)
            words += [f"{first}+{step}x{end - start - 1}"]
        there = not gone
    return " ".join(words)


def name_of(metric, labels):
    return metric + "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"
