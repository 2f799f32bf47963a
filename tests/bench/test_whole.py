"""`bin/bench --quick` end to end: it measures every row, stage and scenario, writes its report, and the books agree.

The ratios are not asserted: a test asserts no speed.
"""

import subprocess

import pytest

from bench.harness.servers import ROOT
from bench.report import read
from bench.run import OUT

pytestmark = [pytest.mark.needs_mariadb, pytest.mark.needs_redis, pytest.mark.needs_nginx, pytest.mark.only_full]

ROWS = [
    *("menu-alone", "orders-alone", "menu-edge", "orders-edge", "post-insert", "post-course", "hot-item"),
    *("hot-item-binlog", "two-to-four", "overload", "memory", "start", "order-page", "recent-orders", "bar-queue"),
    "large-menu",
]
STAGES = [
    *("one machine", "program and database apart", "two programs behind the edge", "four programs behind the edge")
]
SCENARIOS = ["baseline", "capacity: reads in turn", "capacity: orders", "faults"]


def test_a_quick_run_measures_everything_and_the_books_agree() -> None:
    done = subprocess.run(["bin/bench", "--quick"], cwd=ROOT, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stderr[-3000:]
    report = read(OUT / "report.json")
    assert [row.key for row in report.rows] == ROWS
    assert [stage.name for stage in report.stages] == STAGES
    assert [scenario.name for scenario in report.scenarios] == SCENARIOS
    assert report.elastic is not None
    assert (report.elastic.replicas[0], report.elastic.replicas[-1]) == (2, 2)
    assert report.books == "The books agree."
    assert report.capacity
    assert "The books agree." in done.stdout
    assert (OUT / "report.html").read_text().startswith("<!doctype html>")
