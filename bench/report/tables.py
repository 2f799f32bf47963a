"""The tables of a report as formatted strings, shared by the page, the Markdown and the terminal."""

from collections import Counter
from dataclasses import dataclass

from bench.figures import Cell, Report, Row, Side, Stage, Table, Verdict
from bench.report.number_format import NONE, beside_target, count, figure, measured, percent, with_unit
from bench.report.published_results import TITLE, Reported, reported

RATIO_COLUMNS = ("Work", "Against", "Target", "Measured", "Rounds, spread", "Verdict", "Ours", "Theirs")
COLUMNS = (
    "Samples",
    "Mean ms",
    "Median ms",
    "90 % ms",
    "95 % ms",
    "99 % ms",
    "Min ms",
    "Max ms",
    "Error %",
    "Throughput /s",
    "Received KB/s",
    "Sent KB/s",
)


@dataclass(frozen=True)
class Line:
    """A row of the ratio table as formatted strings."""

    row: Row
    target: str
    measured: str
    rounds: str
    spread: str
    ours: str
    ours_cpu: str
    theirs: str
    theirs_cpu: str

    @classmethod
    def of(cls, row: Row) -> "Line":
        theirs = row.theirs or Side("", float("nan"), "", [])
        return cls(
            row=row,
            target=f"{'≥' if row.at_least else '≤'} {measured(row.target, row.unit)}",
            measured=with_unit(beside_target(row.ratio, row.target), row.unit),
            rounds=", ".join(figure(ratio) for ratio in row.rounds) or NONE,
            spread=percent(row.spread_percent),
            ours=measured(row.ours.value, row.ours.unit),
            ours_cpu=measured(row.ours.cpu_us, "µs"),
            theirs=measured(theirs.value, theirs.unit),
            theirs_cpu=measured(theirs.cpu_us, "µs"),
        )


def verdict(report: Report) -> str:
    """Return the sentence at the top of the report: "11 of 13 targets met, 1 missed, 1 not decided."."""
    if not report.rows:
        return "This run measured no row of the ratio table."
    found = counts(report)
    words = [f"{found[Verdict.PASS]} of {count(len(report.rows), 'target', 'targets')} met"]
    words += [f"{found[Verdict.MISS]} missed"] * bool(found[Verdict.MISS])
    words += [f"{found[Verdict.INCONCLUSIVE]} not decided"] * bool(found[Verdict.INCONCLUSIVE])
    return ", ".join(words) + "."


def counts(report: Report) -> Counter[Verdict]:
    return Counter(row.verdict for row in report.rows)


def table_figures(table: Table) -> list[str]:
    """Return the formatted figures of a table, one for each of COLUMNS."""
    figures = [table.mean_ms, table.median_ms, table.p90_ms, table.p95_ms, table.p99_ms, table.min_ms, table.max_ms]
    figures += [table.errors_percent, table.throughput, table.received_kb_s, table.sent_kb_s]
    return [f"{table.samples:,}", *(figure(each) for each in figures)]


def reported_figures(found: Reported) -> list[str]:
    known = {
        "Mean ms": found.mean_ms,
        "99 % ms": found.p99_ms,
        "Error %": found.errors_percent,
        "Throughput /s": found.throughput,
    }
    return [figure(known.get(column)) for column in COLUMNS]


def at_a_glance(stages: list[Stage]) -> list[dict[str, str]]:
    """Return throughput and mean time, a row for each load, a column for each stage; empty for a single stage."""
    loads = dict.fromkeys((cell.name, crowd(cell)) for stage in stages for cell in stage.cells)
    found = [{"Load": ", ".join(load)} | {stage.name: _got(stage, load) for stage in stages} for load in loads]
    theirs = {stage.name: _brief(reported(stage.name)) for stage in stages}
    return [*found, {"Load": TITLE} | theirs] if found and len(stages) > 1 else []


def _got(stage: Stage, load: tuple[str, str]) -> str:
    cells = [cell for cell in stage.cells if (cell.name, crowd(cell)) == load]
    return " and ".join(_brief(cell.table) if cell.is_valid else "not valid" for cell in cells) or NONE


def _brief(found: Table | Reported | None) -> str:
    return f"{measured(found.throughput, '/s')}, {measured(found.mean_ms, 'ms')}" if found else NONE


def crowd(cell: Cell) -> str:
    return "1 user" if cell.users == "1" else f"{cell.users} users" if cell.users.isdecimal() else cell.users


def part_columns(cells: list[Cell]) -> list[str]:
    """Return the names of the cells' parts, without duplicates, in order of appearance."""
    return list(dict.fromkeys(part.name for cell in cells for part in cell.parts))


def part_figures(cell: Cell, columns: list[str]) -> list[str]:
    """Return "96 %, 212 MiB" for each part; a cell that lacks a part has "—" there."""
    parts = {part.name: part for part in cell.parts}
    return [
        NONE
        if (part := parts.get(name)) is None
        else ", ".join(
            [measured(part.cpu_percent, "%")] + [measured(part.memory_mib, "MiB")] * (part.memory_mib is not None)
        )
        for name in columns
    ]


def why_not_valid(cell: Cell) -> str:
    return "" if cell.is_valid else f"Not valid: {cell.why_not or 'no reason given'}"
