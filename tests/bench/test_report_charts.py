"""The charts of the report: lines, gaps, marks and axes."""

import math

import pytest

from bench.figures import Curve, Mark
from bench.report.charts.axes import from_zero, logarithmic, of_time
from bench.report.charts.curves import of_cells, of_elastic, of_scenario
from bench.report.charts.lines import MAX_POINTS, chart
from bench.report.charts.series import Series
from tests.bench.generated import a_cell, the_elastic, the_scenarios


@pytest.mark.parametrize("values", [[], [4.0], [None], [0.0, 0.0], [math.nan, 3.0], [None, 2.0, None, 5.0, 6.0]])
@pytest.mark.parametrize("is_log", [True, False])
def test_a_chart_of_few_points_is_drawn(values: list[float | None], is_log: bool) -> None:
    drawn = chart("Rate", "/s", list(range(len(values))), [Series("ours", values)], is_log=is_log)
    assert drawn.up
    assert "nan" not in drawn.lines[0].path + drawn.lines[0].dots


def test_a_gap_is_a_gap_and_a_lonely_point_is_a_dot() -> None:
    drawn = chart("Rate", "/s", [0, 1, 2, 3, 4], [Series("ours", [None, 10, None, 5, 0])])
    assert (drawn.lines[0].dots, drawn.lines[0].path) == ("M250 0h0", "M750 500L1000 1000")


def test_a_long_curve_is_thinned_and_says_so() -> None:
    values: list[float | None] = [*[1.0] * 1799, 9.0]
    drawn = [
        chart("Time", "ms", list(range(1800)), [Series("p95", values)], is_log=is_log) for is_log in (True, False)
    ]
    assert all(each.lines[0].path.count("L") < MAX_POINTS for each in drawn)
    assert [each.note for each in drawn] == ["Each point is the highest of 8.", "Each point is the mean of 8."]
    assert [each.told for each in drawn] == [
        "p95: from 1 to 9, at the end 9 (225 points).",
        "p95: from 1 to 2, at the end 2 (225 points).",
    ]


def test_marks_close_to_each_other_stand_above_each_other() -> None:
    marks = [Mark(51, "second"), Mark(50, "first"), Mark(90, "third"), Mark(500, "after the end")]
    drawn = chart("Rate", "/s", [0, 100], [Series("ours", [1, 2])], marks=marks)
    assert [(flag.number, flag.text, flag.row) for flag in drawn.flags][:3] == [
        (1, "first", 0),
        (2, "second", 1),
        (3, "third", 0),
    ]
    assert drawn.flags[-1].at == 100


def test_axes_have_few_round_figures() -> None:
    assert [text for _, text in from_zero([0, 1437]).ticks] == ["0", "500", "1,000", "1,500"]
    assert [text for _, text in logarithmic([3.2, 180]).ticks] == ["2", "5", "10", "20", "50", "100", "200"]
    assert [text for _, text in logarithmic([3.2, 1800]).ticks] == ["10", "100", "1,000"]
    assert [text for _, text in of_time([0, 1800]).ticks] == ["0 min", "10 min", "20 min", "30 min"]
    assert [text for _, text in of_time([0, 42]).ticks] == ["0 s", "10 s", "20 s", "30 s", "40 s"]


def test_crowds_of_one_load_share_a_chart_and_marks_get_one_alone() -> None:
    crowds = [a_cell("GET /", users, 100, 5) for users in ("10", "200")]
    (group,) = of_cells(crowds)
    assert [line.name for line in group.charts[0].lines] == ["10 users", "200 users"]
    crowds[0].marks = [Mark(3, "Redis is killed")]
    assert [each.title for each in of_cells(crowds)] == ["GET /, 10 users", "GET /, 200 users"]
    crowds[0].curve = crowds[1].curve = Curve()
    assert of_cells(crowds) == []


def test_the_knee_is_marked_where_it_was_found() -> None:
    capacity = next(each for each in the_scenarios() if each.name == "capacity")
    steps = of_scenario(capacity)[0].charts[0]
    assert [tick.text for tick in steps.across] == ["10", "25", "50", "100", "200", "400"]
    assert [(flag.when, flag.text, flag.at) for flag in steps.flags] == [("100", "users: the knee", 60.0)]


def test_the_target_of_the_autoscaler_is_a_line() -> None:
    limits = [each.limit.text for each in of_elastic(the_elastic()).charts if each.limit]
    assert limits == ["target 50 %"]
