"""Select the charts of cells, scenarios and the elastic stage."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.figures import Cell, Elastic, Mark, Scenario
from bench.report.charts.lines import STYLES, Chart, Series, chart
from bench.report.flags import Flag
from bench.report.number_format import title as in_title
from bench.report.tables import crowd

Named = tuple[str, Sequence[float | None]]

THROUGHPUT, RESPONSE = "Throughput", "Response time"


@dataclass(frozen=True)
class Group:
    """A group of charts with the same marks."""

    title: str
    charts: Sequence[Chart]
    is_open: bool = True

    @property
    def flags(self) -> Sequence[Flag]:
        return self.charts[0].flags if self.charts else []


def of_cells(cells: Iterable[Cell], *, open_at_first: int = 1) -> list[Group]:
    """Return the charts of each load. A few cells without marks share charts; otherwise each cell has its own."""
    loads: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.curve.at_s:
            loads.setdefault(cell.name, []).append(cell)
    groups = [group for name, found in loads.items() for group in _of_load(name, found)]
    return [Group(title, charts, number < open_at_first) for number, (title, charts) in enumerate(groups)]


def of_scenario(scenario: Scenario) -> list[Group]:
    """Return the charts of a scenario. Steps of more and more users of one load also get charts over the users."""
    crowds = [number for cell in scenario.cells if (number := _first_number(cell.users)) is not None]
    is_one_load = len({cell.name for cell in scenario.cells}) == 1 < len(scenario.cells) - 1
    if is_one_load and len(crowds) == len(scenario.cells) and crowds == sorted(set(crowds)):
        steps = Group(f"{scenario.cells[0].name}, more and more users", _over_users(scenario, crowds))
        return [steps, *of_cells(scenario.cells, open_at_first=0)]
    has_marks = any(cell.marks for cell in scenario.cells)
    return of_cells(scenario.cells, open_at_first=len(scenario.cells) if has_marks else 1)


def of_elastic(elastic: Elastic) -> Group:
    target = _first_number(elastic.numbers.get("target", ""))
    limit = (target, f"target {target:g} %") if target else None
    drawn: list[tuple[str, str, list[Named], tuple[float, str] | None]] = [
        ("Load", "/s", [("asked", elastic.asked), ("answered", elastic.answered), ("errors", elastic.errors)], None),
        ("Replicas", "", [("wanted", elastic.replicas), ("ready", elastic.ready)], None),
        (f"{RESPONSE}, 95 %", "ms", [("95 %", elastic.p95_ms)], None),
        ("CPU, of what the ready ones request", "%", [("used", elastic.cpu_percent)], limit),
    ]
    charts = [
        _over_time(title, unit, elastic.at_s, series, elastic.marks, limit) for title, unit, series, limit in drawn
    ]
    return Group("Elastic", charts)


def _of_load(name: str, cells: list[Cell]) -> list[tuple[str, list[Chart]]]:
    if 1 < len(cells) <= STYLES and not any(cell.marks or cell.curve.besides for cell in cells):
        return [(name, _together(cells))]
    return [(f"{name}, {crowd(cell)}", _alone(cell)) for cell in cells]


def _together(cells: list[Cell]) -> list[Chart]:
    """Return a chart for each figure with a line for each cell, over the times of the longest cell."""
    at = max((cell.curve.at_s for cell in cells), key=len)
    named = [(crowd(cell), cell.curve) for cell in cells]
    return [
        _over_time(THROUGHPUT, "/s", at, [(users, curve.throughput) for users, curve in named]),
        _over_time(f"{RESPONSE}, median", "ms", at, [(users, curve.median_ms) for users, curve in named]),
        _over_time(f"{RESPONSE}, 95 %", "ms", at, [(users, curve.p95_ms) for users, curve in named]),
    ]


def _alone(cell: Cell) -> list[Chart]:
    curve = cell.curve
    rates: list[Named] = [("answered", curve.throughput)]
    rates += [("errors", curve.errors)] if any(curve.errors) else []
    times = [("median", curve.median_ms), ("95 %", curve.p95_ms)]
    return [
        _over_time(THROUGHPUT, "/s", curve.at_s, rates, cell.marks),
        _over_time(RESPONSE, "ms", curve.at_s, times, cell.marks),
        *(_beside(cell, *each) for each in curve.besides.items()),
    ]


def _beside(cell: Cell, name: str, values: Sequence[float | None]) -> Chart:
    title, _, unit = name.rpartition(", ") if ", " in name else (name, "", "")
    return _over_time(in_title(title), unit, cell.curve.at_s, [(title, values)], cell.marks)


def _over_time(
    title: str,
    unit: str,
    at: Sequence[float],
    series: Sequence[Named],
    marks: Sequence[Mark] = (),
    limit: tuple[float, str] | None = None,
) -> Chart:
    """Return a chart over time: milliseconds on a logarithmic axis, a series without a unit (a count) in steps."""
    drawn = [Series(name, values, is_stepped=not unit) for name, values in series]
    return chart(title, unit, at, drawn, marks=marks, limit=limit, is_log=unit == "ms")


def _over_users(scenario: Scenario, crowds: Sequence[float]) -> list[Chart]:
    """Return throughput and times over the users, with a mark at the knee that `found` names ("The knee: 200")."""
    users = [f"{crowd:,.0f}" for crowd in crowds]
    said = re.search(r"knee\D*([\d,]+)", scenario.found, re.IGNORECASE)
    marks = [Mark(users.index(said[1]), "users: the knee")] if said and said[1] in users else []
    tables = [cell.table for cell in scenario.cells]
    times = [("median", [each.median_ms for each in tables]), ("95 %", [each.p95_ms for each in tables])]
    times += [("99 %", [each.p99_ms for each in tables])]
    rates = [Series("answered", [each.throughput for each in tables])]
    return [
        chart(f"{THROUGHPUT} by users", "/s", users, rates, marks=marks),
        chart(f"{RESPONSE} by users", "ms", users, [Series(*each) for each in times], marks=marks, is_log=True),
    ]


def _first_number(text: str) -> float | None:
    found = re.search(r"\d[\d,]*(\.\d+)?", text)
    return float(found[0].replace(",", "")) if found else None
