"""The marks of a chart: a numbered flag for each above it, explained in the list below it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.figures import Mark
from bench.report.charts.axes import Axis

WIDTH = 9  # of a flag, in percent of a narrow chart
ROWS = 3


@dataclass(frozen=True)
class Flag:
    at: float  # in percent
    number: int
    row: int
    when: str
    text: str

    @property
    def x(self) -> str:
        return f"{10 * self.at:.0f}"


def flags(marks: Sequence[Mark], across: Axis) -> list[Flag]:
    """Return the flags in order of time; flags that would overlap are put into different rows."""
    placed: list[Flag] = []
    ends = [-math.inf] * ROWS
    for number, mark in enumerate(sorted(marks, key=lambda mark: mark.at_s), start=1):
        at = round(100 * across.share(mark.at_s), 1)
        row = next((row for row, end in enumerate(ends) if end <= at), ROWS - 1)
        ends[row] = at + WIDTH
        placed.append(Flag(at, number, row, _when(mark, across), mark.text))
    return placed


def _when(mark: Mark, across: Axis) -> str:
    names = dict(across.ticks) if across.has_names else {}
    return names.get(mark.at_s, f"{mark.at_s:,.0f} s" if mark.at_s >= 10 else f"{mark.at_s:.1f} s")
