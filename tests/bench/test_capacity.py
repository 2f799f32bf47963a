"""The capacity table, extrapolated from the measured costs."""

from bench import capacity
from bench.figures import Report, Row, Side, Verdict


def row(key: str, **parts: float) -> Row:
    side = Side("side", 1, "/s", [1], cpu_us=sum(parts.values()), parts=parts)
    return Row(key, "work", "against", 1, True, 1, [1], 0, Verdict.PASS, ours=side, theirs=side)


def report(*rows: Row) -> Report:
    return Report("full", "2026-11-21T12:00:00+00:00", 1, {}, [], rows=list(rows))


COSTS = (
    row("menu-alone", program=200),
    row("orders-alone", program=200),
    row("menu-edge", program=30),
    row("post-insert", program=2000, database=1000),
    row("order-page", program=4000, database=600),
)


def test_a_hundred_times_the_traffic_is_a_hundred_times_the_time_but_for_what_the_edge_keeps() -> None:
    once, _ten, hundred = capacity.table(report(*COSTS))
    assert once["programs, cores"] == "0.21"  # 50 × 4,000 + 5 × 2,000 µs, and the edge's refetches once a second
    assert hundred["programs, cores"] == "21.00"
    assert (once["MariaDB, cores"], hundred["MariaDB, cores"]) == ("0.04", "3.50")
    assert hundred["commits a second"] == "500"


def test_there_are_never_fewer_pods_than_the_manifest_says() -> None:
    once, _ten, hundred = capacity.table(report(*COSTS))
    assert once["pods at the autoscaler's target"] == "2"
    assert hundred["pods at the autoscaler's target"] == "169"  # 21.0006 cores by 125m


def test_without_all_costs_nothing_is_said() -> None:
    assert capacity.table(report(*COSTS[:3])) == []
