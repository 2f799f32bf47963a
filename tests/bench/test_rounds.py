"""The verdict of `bin/bench` from its rounds: PASS, MISS or INCONCLUSIVE."""

import pytest

from bench.figures import Verdict
from bench.harness.rounds import Measure, Work, compare, row_of, spread_percent

AT_LEAST_TWICE = Work("key", "ours", "theirs", 2)
AT_MOST_TWICE = Work("key", "ours", "theirs", 2, at_least=False)


def measures(*values: float, **more: float) -> list[Measure]:
    return [Measure(value, **more) for value in values]


@pytest.mark.parametrize(
    ("work", "ours", "verdict"),
    [
        (AT_LEAST_TWICE, (200, 204, 208), Verdict.PASS),
        (AT_LEAST_TWICE, (196, 198, 199), Verdict.MISS),
        (AT_MOST_TWICE, (196, 198, 200), Verdict.PASS),
        (AT_MOST_TWICE, (202, 204, 206), Verdict.MISS),
        (AT_LEAST_TWICE, (300, 320, 340), Verdict.INCONCLUSIVE),  # above the target; spread too large
    ],
)
def test_the_median_of_the_rounds_decides_unless_they_differ_by_more_than_ten_percent(work, ours, verdict) -> None:
    assert row_of(work, measures(*ours), measures(100, 100, 100)).verdict == verdict


def test_each_round_is_compared_with_the_one_beside_it() -> None:
    row = row_of(AT_LEAST_TWICE, measures(210, 420, 630), measures(100, 200, 300))
    assert (row.ratio, row.rounds, row.spread_percent, row.verdict) == (2.1, [2.1, 2.1, 2.1], 0.0, Verdict.PASS)


def test_the_sides_take_turns() -> None:
    order = []

    def side(name: str, value: float):
        return lambda: order.append(name) or Measure(value)

    row = compare(AT_LEAST_TWICE, side("ours", 3), side("theirs", 1), rounds=2)
    assert order == ["theirs", "ours"] * 3  # the first pair is the unmeasured warm-up
    assert row.ratio == 3


def test_a_busy_generator_measures_itself() -> None:
    row = row_of(AT_LEAST_TWICE, measures(300, 300, generator_percent=81), measures(100, 100))
    assert row.verdict == Verdict.INCONCLUSIVE
    assert "81 % busy" in row.note


def test_answers_that_failed_decide_nothing() -> None:
    row = row_of(AT_LEAST_TWICE, measures(300, 300, failed=1), measures(100, 100))
    assert row.verdict == Verdict.INCONCLUSIVE
    assert "2 answers of ours failed" in row.note


def test_twice_two_programs_is_what_four_are_wanted_to_do() -> None:
    assert row_of(Work("key", "four", "two", 0.95), measures(190, 194), measures(100, 100), times=2).ratio == 0.96


def test_cpu_time_is_the_sum_of_the_parts_medians() -> None:
    sides = [Measure(1, cpu_us={"program": us, "database": 10}) for us in (90, 100, 300)]
    row = row_of(AT_LEAST_TWICE, sides, measures(1, 1, 1))
    assert (row.ours.cpu_us, row.ours.parts) == (110, {"program": 100, "database": 10})


def test_of_five_rounds_the_highest_and_the_lowest_say_nothing_of_the_spread() -> None:
    assert spread_percent([100, 90, 98, 102, 300]) == pytest.approx(4)
    assert spread_percent([100, 90, 98, 102]) == pytest.approx(100 * 12 / 99)
