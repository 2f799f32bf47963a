"""The ratio table that a run prints at its end: plain text of WIDTH columns at most, the verdict first."""

from textwrap import wrap

from bench.figures import Report, Verdict
from bench.report.number_format import NONE, duration
from bench.report.tables import Line, counts, verdict

WIDTH = 118
HEAD = ("verdict", "measured", "target", "spread", "ours", "CPU", "theirs", "CPU")
WIDEST = 12  # the maximum width of a column of figures: the length of INCONCLUSIVE


def lines(report: Report) -> list[str]:
    """Return the lines, each of WIDTH columns at most."""
    found = counts(report)
    shown = [verdict(report), ", ".join(f"{found[each]} {each}" for each in Verdict)] if report.rows else []
    shown += _ratios([Line.of(row) for row in report.rows]) if report.rows else [verdict(report)]
    shown += [f"{report.mode}, {duration(report.took_s)}. {report.books}".rstrip()]
    return [part for line in shown for part in (wrap(line, WIDTH) if len(line) > WIDTH else [line])]


def _ratios(found: list[Line]) -> list[str]:
    table = [HEAD, *(_figures(line) for line in found)]
    widths = [min(max(len(row[column]) for row in table), WIDEST) for column in range(len(HEAD))]
    named = WIDTH - sum(widths) - 2 * len(widths)
    texts = ["work / against", *(f"{line.row.work} / {line.row.against or NONE}" for line in found)]
    return [
        "",
        *(each for row, text in zip(table, texts, strict=True) for each in _row(row, widths, text, named)),
        "",
    ]


def _figures(line: Line) -> tuple[str, ...]:
    figures = (line.measured, line.target, line.spread, line.ours, line.ours_cpu, line.theirs, line.theirs_cpu)
    return (line.row.verdict.value, *figures)


def _row(figures: tuple[str, ...], widths: list[int], text: str, width: int) -> list[str]:
    """Return the lines of one row; a long text is wrapped in its column."""
    cut = [each if len(each) <= wide else each[: wide - 1] + "…" for each, wide in zip(figures, widths, strict=True)]
    aligned = [cut[0].ljust(widths[0]), *(each.rjust(wide) for each, wide in zip(cut[1:], widths[1:], strict=True))]
    left = "  ".join(aligned) + "  "
    first, *more = wrap(text, width)
    return [left + first, *(" " * (len(left) + 2) + each for rest in more for each in wrap(rest, width - 2))]
