"""The output of `bin/bench`: one self-contained HTML page, and its figures as JSON."""

import math
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bench.figures import Report, Verdict
from bench.report import read, write
from bench.report.markdown import markdown
from bench.report.page import page
from bench.report.published_results import TITLE, reported
from bench.report.stored import from_json, to_json
from bench.report.tables import Line, table_figures, verdict
from bench.report.terminal import lines
from tests.bench.generated import a_row, the_elastic, the_report, the_rows

NOTHING = Report("quick", "2026-11-21T08:00:00+00:00", 3.0, {}, [])
VOID = {"meta", "br", "link", "img"}


class Reader(HTMLParser):
    """An HTML parser that collects a page's text and its URLs, and checks that every element is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.pieces: list[str] = []
        self.feed(html)
        assert self.open == []
        self.text = " ".join(" ".join(self.pieces).split())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.open += [] if tag in VOID else [tag]
        found = {name: value or "" for name, value in attributes}
        self.addresses += [found[name] for name in ("src", "href", "srcset", "action", "data") if name in found]
        self.ids += [found["id"]] if "id" in found else []

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        self.open = self.open[:-1]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


@pytest.fixture(scope="module")
def html() -> str:
    return page(the_report())


@pytest.fixture(scope="module")
def shown(html: str) -> Reader:
    return Reader(html)


def test_both_files_are_written_and_the_figures_come_back_as_they_were(tmp_path: Path) -> None:
    write(the_report(), tmp_path / "out")
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["report.html", "report.json"]
    assert read(tmp_path / "out" / "report.json") == the_report()


def test_a_page_that_cannot_be_made_leaves_the_figures_and_the_page_before(tmp_path: Path) -> None:
    write(NOTHING, tmp_path)
    before = (tmp_path / "report.html").read_text()
    broken = the_report()
    broken.stages[0].cells[0].table = None  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        write(broken, tmp_path)
    assert (tmp_path / "report.html").read_text() == before
    assert "made up" in (tmp_path / "report.json").read_text()


def test_a_round_without_a_figure_is_null_in_the_file_and_no_number_again() -> None:
    report = Report("quick", "", 1.0, {}, [], rows=[a_row("a", "work", 4, math.nan, Verdict.INCONCLUSIVE)])
    text = to_json(report)
    assert "NaN" not in text
    assert math.isnan(from_json(text).rows[0].ratio)
    assert "—" in Reader(page(report)).text


def test_the_page_asks_for_nothing_outside_itself(html: str, shown: Reader) -> None:
    assert not {"script", "link", "img", "iframe", "object", "embed", "base"} & shown.names
    assert [address for address in shown.addresses if not address.startswith("#")] == []
    assert {address[1:] for address in shown.addresses} <= set(shown.ids)
    assert re.findall(r"@import|(?<!clip-path=\")(?<!fill=\")url\(|https?://", html) == []


def test_ids_are_unique_and_no_value_is_missing(html: str, shown: Reader) -> None:
    assert len(shown.ids) == len(set(shown.ids))
    assert "is missing" not in html


def test_names_with_html_in_them_are_text(html: str, shown: Reader) -> None:
    assert "<script" not in html
    assert "<script>alert('a work')</script> & | others" in shown.text
    assert "Another <one>" in shown.text


def test_every_row_its_verdict_and_its_figures_are_on_the_page(shown: Reader) -> None:
    for row in the_rows():
        line = Line.of(row)
        after = shown.text.partition("Rounds, spread Verdict")[2].partition(f"{row.work} {row.against or '—'}")[2]
        expected = f"{line.target} {line.measured} {line.rounds} ({line.spread})"
        assert after.strip().startswith(expected)
        assert after.partition(line.spread)[2].split()[2] == row.verdict
        assert " ".join(row.note.split()) in shown.text
        assert all(value in shown.text for each in row.details for value in each.values())


def test_every_stage_scenario_and_remark_is_on_the_page(shown: Reader) -> None:
    report = the_report()
    for stage in report.stages:
        assert stage.name.lower() in shown.text.lower()
        assert stage.simulated in shown.text
        for cell in stage.cells:
            assert " ".join([cell.users, *table_figures(cell.table)]) in shown.text
    for scenario in report.scenarios:
        assert scenario.found in shown.text
        assert all(mark.text in shown.text for cell in scenario.cells for mark in cell.marks)
    assert all(" ".join(line.split()) in shown.text for line in report.said)
    assert all(value in shown.text for row in report.capacity for value in row.values())
    assert all(value in shown.text for value in [*the_elastic().numbers.values(), the_elastic().found])


def test_a_cell_that_is_not_valid_says_why(shown: Reader) -> None:
    assert "Not valid: the generator used 91 % of its core" in shown.text


def test_the_verdict_comes_first_and_names_what_was_not_met(shown: Reader) -> None:
    top = shown.text.partition("What is simulated")[0]
    assert "7 of 9 targets met, 1 missed, 1 not decided." in top
    assert "menu page through the edge : 0.8496×, target ≥ 0.85× (MISS)" in top
    for fact in ("quick (made up)", "21 November 2026, 08:00 UTC", "4 min 43 s", "The books agree.", "2 cores"):
        assert fact in top


def test_figures_reported_elsewhere_stand_beside_the_stage_they_are_of(shown: Reader) -> None:
    names = ("one machine", "database apart", "two programs behind the edge", "four programs", "elastic")
    found = [reported(name) for name in names]
    assert [each and each.throughput for each in found] == [2897, 3288, 5625, None, None]
    assert (
        f"{TITLE} By Little's law taken at about 1,690 concurrent requests. — 582 — — — 907 — — 0 2,897" in shown.text
    )


def test_a_run_of_a_part_says_of_the_rest_that_it_was_not_measured() -> None:
    text = Reader(page(NOTHING)).text
    assert text.count("Not measured in this run.") == 5
    assert "This run measured no row of the ratio table." in text
    assert "The books were not checked in this run." in text
    assert markdown(NOTHING)
    assert lines(NOTHING)[0] == verdict(NOTHING)
