"""The report's figures as formatted strings, in the terminal and as Markdown."""

import math
from html import unescape

from bench.figures import Row, Side, Verdict
from bench.report.markdown import markdown
from bench.report.number_format import beside_target, duration, figure, moment
from bench.report.terminal import WIDTH, lines
from tests.bench.generated import the_report, the_rows


def test_rounding_lifts_no_figure_onto_its_target() -> None:
    assert [beside_target(value, 0.85) for value in (0.8496, 0.85, 0.8504, 0.9)] == [
        "0.8496",
        "0.85",
        "0.8504",
        "0.90",
    ]
    assert beside_target(160.4, 160) == "160.4"


def test_figures_have_about_three_digits() -> None:
    values = [12345.6, 99.97, 47.06, 3.2, 0.0042, 0, None, math.inf]
    assert [figure(value) for value in values] == ["12,346", "100", "47.1", "3.20", "0.0042", "0", "—", "—"]
    assert [duration(seconds) for seconds in (0, 59.6, 283.4, 3480, 3725)] == [
        "0 s",
        "1 min",
        "4 min 43 s",
        "58 min",
        "1 h 2 min",
    ]
    assert moment("yesterday") == "yesterday"


def test_the_terminal_shows_every_row_within_its_width() -> None:
    shown = lines(the_report())
    assert max(map(len, shown)) <= WIDTH
    assert shown[0] == "7 of 9 targets met, 1 missed, 1 not decided."
    assert [line.split()[0] for line in shown if line.startswith(tuple(Verdict))] == [
        row.verdict for row in the_rows()
    ]
    assert "The books agree." in shown[-1]


def test_markdown_keeps_a_row_on_its_line() -> None:
    report = the_report()
    report.rows = [Row("a", "a | b\n<c>", "", 1, True, 2, [], 0, Verdict.PASS, Side("ours", 2, "/s", []), None)]
    assert "| a \\| b &lt;c> | — | ≥ 1× | 2× | — (0.0 %) | PASS | 2/s | — |" in markdown(report)
    assert all(unescape(line) in unescape(markdown(report)) for line in report.said[:3])
