"""The report's tables as Markdown, for docs/performance.md."""

from collections.abc import Sequence

from bench.figures import Cell, Elastic, Report, Scenario, Stage
from bench.report import published_results
from bench.report.number_format import NONE, duration, figure, measured, moment
from bench.report.tables import (
    COLUMNS,
    RATIO_COLUMNS,
    Line,
    at_a_glance,
    part_columns,
    part_figures,
    reported_figures,
    table_figures,
    verdict,
    why_not_valid,
)


def markdown(report: Report) -> str:
    parts = [
        _measured_on(report),
        _said(report),
        _ratios(report),
        _glance(report.stages),
        *map(_stage, report.stages),
    ]
    parts += [*map(_scenario, report.scenarios)]
    parts += [_elastic(report.elastic)] if report.elastic else []
    parts += ["### Capacity\n\n" + _dicts(report.capacity)] if report.capacity else []
    return "\n\n".join(part for part in parts if part)


def _measured_on(report: Report) -> str:
    machine = "; ".join(f"{name} {value}" for name, value in report.machine.items())
    facts = f"`bin/bench` ({report.mode}), {moment(report.began)}, {duration(report.took_s)}, on {machine}."
    return _text(f"{verdict(report)} {report.books}\n{facts}")


def _said(report: Report) -> str:
    head = "What is simulated, shortened or not allowed here:\n\n"
    return head + "\n".join(f"- {_text(line)}" for line in report.said) if report.said else ""


def _ratios(report: Report) -> str:
    rows = [_ratio(Line.of(row)) for row in report.rows]
    notes = "\n".join(f"- {_text(row.work)}: {_text(row.note)}" for row in report.rows if row.note)
    table = _table(RATIO_COLUMNS, rows, texts=2) if rows else ""
    return "\n\n".join(part for part in (table, notes) if part)


def _ratio(line: Line) -> list[str]:
    sides = [_side(line.ours, line.ours_cpu), _side(line.theirs, line.theirs_cpu)]
    rounds = f"{line.rounds} ({line.spread})"
    return [line.row.work, line.row.against or NONE, line.target, line.measured, rounds, line.row.verdict, *sides]


def _side(value: str, cpu: str) -> str:
    return value if cpu == NONE else f"{value}, {cpu}"


def _glance(stages: list[Stage]) -> str:
    found = at_a_glance(stages)
    return "Answers a second and their mean time:\n\n" + _dicts(found) if found else ""


def _stage(stage: Stage) -> str:
    reported = published_results.reported(stage.name)
    more = [[published_results.TITLE, NONE, *reported_figures(reported)]] if reported else []
    about = _about(stage.setup, stage.simulated)
    return "\n\n".join([f"### Stage: {_text(stage.name)}", _text(about), *_cells(stage.cells, more)])


def _about(about: str, simulated: str) -> str:
    return f"{about} Simulated: {simulated}" if simulated else about


def _scenario(scenario: Scenario) -> str:
    about = [f"### Scenario: {_text(scenario.name)}", _text(scenario.about), _text(scenario.found)]
    marks = [f"- {figure(mark.at_s)} s: {_text(mark.text)}" for cell in scenario.cells for mark in cell.marks]
    marks = list(dict.fromkeys(marks))  # cells measured at the same time have the same marks
    return "\n\n".join(part for part in [*about, *_cells(scenario.cells), "\n".join(marks)] if part)


def _cells(cells: list[Cell], more: Sequence[Sequence[str]] = ()) -> list[str]:
    """Return the Markdown of the cells: their figures, the use of each part, and why a cell is not valid."""
    if not cells and not more:
        return ["Not measured in this run."]
    columns = part_columns(cells)
    figures = [[cell.name, cell.users, *table_figures(cell.table)] for cell in cells]
    used = [
        [cell.name, cell.users, measured(cell.cpu_us, "µs"), *part_figures(cell, columns), _generator(cell)]
        for cell in cells
    ]
    invalid = [
        f"- {_text(cell.name)}, {_text(cell.users)}: {_text(why_not_valid(cell))}"
        for cell in cells
        if not cell.is_valid
    ]
    tables = [_table(("Load", "Users", *COLUMNS), [*figures, *more], texts=2)]
    tables += [_table(("Load", "Users", "CPU an answer", *columns, "Generator"), used, texts=2)] if used else []
    return [*tables, "\n".join(invalid)] if invalid else tables


def _generator(cell: Cell) -> str:
    return f"{cell.generator}, {measured(cell.generator_percent, '%')}"


def _elastic(elastic: Elastic) -> str:
    about = " ".join(
        text for text in (elastic.about, elastic.simulated and f"Simulated: {elastic.simulated}") if text
    )
    numbers = "\n".join(f"- {_text(name)}: {_text(value)}" for name, value in elastic.numbers.items())
    marks = "\n".join(f"- {figure(mark.at_s)} s: {_text(mark.text)}" for mark in elastic.marks)
    parts = ["### Elastic", _text(about), _text(elastic.found), numbers, marks, published_results.ELASTIC]
    return "\n\n".join(part for part in parts if part)


def _dicts(rows: list[dict[str, str]]) -> str:
    return _table(list(rows[0]), [list(row.values()) for row in rows])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 1) -> str:
    """Return a Markdown table; the first `texts` columns are aligned left, the others (figures) right."""
    rule = ["---"] * texts + ["---:"] * (len(head) - texts)
    return "\n".join("| " + " | ".join(map(_text, line)) + " |" for line in (head, rule, *rows))


def _text(text: str) -> str:
    """Escape a text for a table cell: `|`, `<` and line breaks."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())
