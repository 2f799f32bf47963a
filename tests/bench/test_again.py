"""`bin/bench --again`: a repeated part replaces its figures in the last report, and a remark says so."""

from bench.run import joined
from tests.bench.generated import the_report as made_up


def test_only_what_was_measured_again_is_new() -> None:
    last, new = made_up(), made_up()
    first, *others = last.rows
    new.rows = [first]
    new.rows[0] = type(first)(**vars(first) | {"ratio": 99.0})
    new.stages, new.scenarios, new.elastic = [], [], None
    new.books = "The books agree."
    report = joined(last, new, ["reads"])
    assert [row.ratio for row in report.rows] == [99.0, *(row.ratio for row in others)]
    assert report.stages
    assert report.elastic
    assert report.said[-1].startswith(f"MEASURED AGAIN at {new.began}")
    assert report.said[-1].endswith(": reads.")
