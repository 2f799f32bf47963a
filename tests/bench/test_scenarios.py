"""The knee of a capacity scenario, and the recovery time after a fault."""

from bench.figures import Cell, Curve, Table
from bench.scenarios import knee, recovered_s


def cell(*throughput: float, errors: dict[int, float] | None = None, users: str = "1") -> Cell:
    bins = list(range(len(throughput)))
    lost = [(errors or {}).get(at_s, 0.0) for at_s in bins]
    curve = Curve([float(at_s) for at_s in bins], list(throughput), [1.0] * len(bins), [1.0] * len(bins), lost)
    table = Table(1, 1, 1, 1, 1, 1, 1, 1, 0, max(throughput), 1, 1)
    return Cell("name", users, table, curve, [], 1, "h2load --h1", 1, is_valid=True)


def test_all_is_as_before_when_three_bins_in_a_row_are() -> None:
    dented = cell(100, 100, 0, 0, 20, 100, 90, 100, 100, 40)  # the last bin is incomplete
    assert recovered_s(dented, ended_s=4) == 1


def test_errors_are_not_as_before() -> None:
    assert recovered_s(cell(*[100] * 10, errors={5: 1}), ended_s=4) == 2
    assert recovered_s(cell(*[100] * 10, errors=dict.fromkeys(range(10), 1)), ended_s=4) is None


def test_the_knee_is_where_more_users_bring_no_more() -> None:
    steps = [cell(value, users=str(users)) for users, value in ((1, 50), (10, 96), (100, 100), (400, 80))]
    assert knee(steps).users == "10"
