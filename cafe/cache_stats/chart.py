"""The SVG chart of a cache's last hour: the hit ratio above, the number of requests below, one column per minute.

It is one unit wide per minute and stretched to the page's width; a unit of height is one pixel. Its labels are HTML,
so that they stay readable on a phone. Coordinates are strings, so that no language changes their number format.
"""

from dataclasses import dataclass
from datetime import datetime

from cafe.cache_stats.last_hour import CacheHour, Minute
from cafe.cache_stats.recorder import Counts

RATIO_HEIGHT, GAP, ASKED_HEIGHT = 48, 24, 128
BOTTOM = RATIO_HEIGHT + GAP + ASKED_HEIGHT
MIN_SEEN = 2  # height of a few misses among many hits, which would be invisible
TICK_EVERY = 15  # minutes


@dataclass(frozen=True)
class Column:
    """One minute as a stacked bar: hits at the bottom, misses on top. `is_running`: the minute has not ended."""

    x: int
    at: datetime
    counts: Counts
    is_running: bool
    hits_y: str
    hits_height: str
    misses_y: str
    misses_height: str


@dataclass(frozen=True)
class Chart:
    width: int
    columns: list[Column]
    ratio_path: str
    most: int
    ticks: list[tuple[int, datetime]]
    last: datetime
    busiest: Minute
    worst: Minute | None

    height, ratio_bottom, asked_top = BOTTOM, RATIO_HEIGHT, RATIO_HEIGHT + GAP
    asked_middle = asked_top + ASKED_HEIGHT // 2

    @property
    def middle(self) -> int:
        return self.most // 2

    @property
    def newest_first(self) -> list[Column]:
        return self.columns[::-1]


def chart_of(hour: CacheHour) -> Chart:
    minutes = hour.minutes
    busiest = max(minutes, key=lambda minute: minute.counts.asked)
    asked = [minute for minute in minutes if minute.counts.ratio is not None]
    most = round_top(busiest.counts.asked)
    return Chart(
        width=len(minutes),
        columns=[_column(x, minute, most, is_running=x == len(minutes) - 1) for x, minute in enumerate(minutes)],
        ratio_path=_ratio_path([minute.counts.ratio for minute in minutes]),
        most=most,
        ticks=[(x, minutes[x].at) for x in range(0, len(minutes), TICK_EVERY)],
        last=minutes[-1].at,
        busiest=busiest,
        worst=min(asked, key=lambda minute: minute.counts.ratio or 0, default=None),
    )


def round_top(most: int) -> int:
    """Return the axis maximum for `most`: the next of 10, 20, 50, 100, 200 …, so that half of it is an integer."""
    power = 10
    while True:
        for first in (1, 2, 5):
            if most <= first * power:
                return first * power
        power *= 10


def _column(x: int, minute: Minute, most: int, *, is_running: bool) -> Column:
    hits = minute.counts.hits * ASKED_HEIGHT / most
    misses = max(minute.counts.misses * ASKED_HEIGHT / most, MIN_SEEN * bool(minute.counts.misses))
    hits = min(hits, ASKED_HEIGHT - misses)
    return Column(
        x, minute.at, minute.counts, is_running, _n(BOTTOM - hits), _n(hits), _n(BOTTOM - hits - misses), _n(misses)
    )


def _ratio_path(ratios: list[float | None]) -> str:
    """Return the hit ratio as an SVG path: a stepped line with a gap for minutes without requests."""
    steps, is_drawing = [], False
    for x, ratio in enumerate(ratios):
        if ratio is not None:
            y = _n(RATIO_HEIGHT * (1 - ratio))
            steps.append(f"L{x} {y}H{x + 1}" if is_drawing else f"M{x} {y}H{x + 1}")
        is_drawing = ratio is not None
    return "".join(steps)


def _n(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
