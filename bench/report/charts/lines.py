"""Line charts. The lines are SVG and stretch with the page; every text around them is HTML and keeps its size, to be
readable on a phone. Lines differ by their dashes too, not by colour alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.figures import Mark
from bench.report.charts.axes import Axis, from_zero, logarithmic, of_names, of_time
from bench.report.charts.series import Series, is_there, thinned, told
from bench.report.flags import Flag, flags

SIZE = 1000  # width and height of the viewBox
STYLES = 4  # distinct line styles
MAX_POINTS = 240  # of a line; more would merge into a block of colour


@dataclass(frozen=True)
class Tick:
    at: float  # in percent
    text: str

    @property
    def x(self) -> str:
        return f"{10 * self.at:.0f}"

    @property
    def y(self) -> str:
        return f"{10 * (100 - self.at):.0f}"


@dataclass(frozen=True)
class Drawn:
    name: str
    style: int
    path: str
    dots: str  # single points between two gaps, which a line would not show


@dataclass(frozen=True)
class Chart:
    """The context of templates/_chart.html."""

    title: str
    unit: str
    told: str  # the text for screen readers
    lines: Sequence[Drawn]
    across: Sequence[Tick]
    up: Sequence[Tick]
    flags: Sequence[Flag] = ()
    is_log: bool = False
    limit: Tick | None = None
    note: str = ""

    @property
    def rows_of_flags(self) -> int:
        return max((flag.row + 1 for flag in self.flags), default=0)


def chart(
    title: str,
    unit: str,
    at: Sequence[float] | Sequence[str],
    series: Sequence[Series],
    *,
    marks: Sequence[Mark] = (),
    limit: tuple[float, str] | None = None,
    is_log: bool = False,
) -> Chart:
    """Return a chart of the series over `at`: seconds, or names at equal distances. `limit` is a horizontal line with
    its label."""
    bins = math.ceil(len(at) / MAX_POINTS)
    if bins > 1:
        at, series = at[::bins], [thinned(each, bins, max if is_log else fmean) for each in series]
    across, places = _across(at)
    values = [value for each in series for value in each.values if is_there(value)]
    up = (logarithmic if is_log else from_zero)([*values, limit[0]] if limit else values)
    return Chart(
        title=title,
        unit=unit,
        told=told(series),
        lines=[_draw(each, number, across, up, places) for number, each in enumerate(series)],
        across=[Tick(_percent(across.share(at)), text) for at, text in across.ticks],
        up=[Tick(_percent(up.share(at)), text) for at, text in up.ticks],
        flags=flags(marks, across),
        limit=Tick(_percent(up.share(limit[0])), limit[1]) if limit else None,
        is_log=is_log,
        note=f"Each point is the {'highest' if is_log else 'mean'} of {bins}." if bins > 1 else "",
    )


def _across(at: Sequence[float] | Sequence[str]) -> tuple[Axis, Sequence[float]]:
    names = [each for each in at if isinstance(each, str)]
    seconds = [each for each in at if not isinstance(each, str)]
    return (of_names(names), range(len(names))) if names else (of_time(seconds), seconds)


def _draw(series: Series, number: int, across: Axis, up: Axis, places: Sequence[float]) -> Drawn:
    path, dots = "", ""
    for run in _runs(series.values, places):
        points = [(round(SIZE * across.share(x)), round(SIZE * (1 - up.share(y)))) for x, y in run]
        if len(points) == 1:
            dots += "M{} {}h0".format(*points[0])
        else:
            path += _line(points, series.is_stepped)
    return Drawn(series.name, number % STYLES, path, dots)


def _line(points: Sequence[tuple[int, int]], is_stepped: bool) -> str:
    first, *more = points
    ways = [f"H{x}V{y}" if is_stepped else f"L{x} {y}" for x, y in more]
    return "M{} {}".format(*first) + "".join(ways)


def _runs(values: Sequence[float | None], places: Sequence[float]) -> list[list[tuple[float, float]]]:
    """Return the runs of points, split at the gaps (None)."""
    runs: list[list[tuple[float, float]]] = [[]]
    for place, value in zip(places, values, strict=False):
        if is_there(value):
            runs[-1].append((place, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _percent(share: float) -> float:
    return round(100 * share, 1)
