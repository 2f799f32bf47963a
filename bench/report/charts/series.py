"""The series of values that a chart draws as one line."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from bench.report.number_format import count, figure


@dataclass(frozen=True)
class Series:
    name: str
    values: Sequence[float | None]  # None is a gap
    is_stepped: bool = False


def is_there(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def thinned(series: Series, bins: int, of: Callable[[list[float]], float]) -> Series:
    """Return the series with every `bins` values reduced to one by `of`; a gap only where all of them are gaps."""
    runs = (series.values[at : at + bins] for at in range(0, len(series.values), bins))
    there = ([value for value in run if is_there(value)] for run in runs)
    return replace(series, values=[of(values) if values else None for values in there])


def told(series: Sequence[Series]) -> str:
    return " ".join(_told_of(each) for each in series) or "Nothing was measured."


def _told_of(series: Series) -> str:
    values = [value for value in series.values if is_there(value)]
    if not values:
        return f"{series.name}: no figure."
    least, most, last = (figure(each) for each in (min(values), max(values), values[-1]))
    return f"{series.name}: from {least} to {most}, at the end {last} ({count(len(values), 'point', 'points')})."
