"""The aggregation of single answers to tables and curves."""

from bench.figures import Curve, Table
from bench.harness.samples import Sample, curve, percentile, table

HUNDRED = [Sample(number / 50, float(number), ok=number != 100) for number in range(1, 101)]


def test_a_table_has_the_columns_of_the_load_reports() -> None:
    assert table(HUNDRED[::-1], seconds=2, received_bytes=20480, sent_bytes=4096) == Table(
        samples=100,
        mean_ms=50.5,
        median_ms=50.0,
        p90_ms=90.0,
        p95_ms=95.0,
        p99_ms=99.0,
        min_ms=1.0,
        max_ms=100.0,
        errors_percent=1.0,
        throughput=49.5,
        received_kb_s=10.0,
        sent_kb_s=2.0,
    )


def test_a_table_of_nothing_is_all_noughts() -> None:
    assert table([], seconds=1, received_bytes=0, sent_bytes=0) == Table(0, *[0.0] * 11)


def test_a_percentile_is_a_time_that_was_measured() -> None:
    assert [percentile([7.0], percent) for percent in (50, 99)] == [7.0, 7.0]
    assert [percentile([1.0, 2.0, 9.0, 40.0], percent) for percent in (50, 75, 76, 99)] == [2.0, 9.0, 40.0, 40.0]


def test_a_curve_counts_answers_and_errors_apart_in_bins_by_when_they_were_answered() -> None:
    samples = [Sample(0.0, 3, ok=True), Sample(0.99, 5, ok=True), Sample(0.5, 900, ok=False), Sample(2.1, 4, ok=True)]
    assert curve(samples, seconds=2.5) == Curve(
        at_s=[0.0, 1.0, 2.0],
        throughput=[2.0, 0.0, 2.0],
        median_ms=[3, None, 4],
        p95_ms=[5, None, 4],
        errors=[1.0, 0.0, 0.0],
    )


def test_a_curve_leaves_out_what_came_outside_its_time() -> None:
    samples = [Sample(-0.1, 1, ok=True), Sample(1.0, 1, ok=True), Sample(0.9999999, 1, ok=True)]
    assert curve(samples, seconds=1, bin_s=0.1).throughput == [0.0] * 9 + [1 / (1 - 9 * 0.1)]
