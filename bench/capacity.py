"""Extrapolate the measured costs to a larger café: CPU cores, pods, database connections, commits a second."""

from bench.autoscaler import manifest
from bench.figures import Report, Row

WORKERS, THREADS, POLLERS = 2, 8, 1  # of a pod, as in base/order-backend
# 1 ×: a busy café. Requests a second: the menu page, the order page, placed orders.
MENUS, LOOKS, ORDERS = 100, 50, 5


def table(report: Report) -> list[dict[str, str]]:
    """Return a row each for 1 ×, 10 × and 100 × the traffic; empty when one of the costs was not measured."""
    rows = {row.key: row for row in report.rows}
    if not {"menu-edge", "menu-alone", "orders-alone", "post-insert", "order-page"} <= rows.keys():
        return []
    return [_line(times, rows) for times in (1, 10, 100)]


def _line(times: int, rows: dict[str, Row]) -> dict[str, str]:
    order, page = rows["post-insert"].ours.parts, rows["order-page"].theirs
    assert page is not None
    looks = page.parts
    edge_us = MENUS * _us(rows["menu-edge"]) + (LOOKS + ORDERS) * 2 * _us(rows["menu-edge"])
    # The edge refetches each menu page and the order list once a second, and serves all other reads of them itself.
    program_us = (
        2 * _us(rows["menu-alone"]) / times
        + _us(rows["orders-alone"]) / times
        + LOOKS * looks["program"]
        + ORDERS * order["program"]
    )
    database_us = LOOKS * looks["database"] + ORDERS * order["database"]
    numbers = manifest()
    pods = max(numbers.least, _up(times * program_us / 1e6 / (numbers.request_cores * numbers.target_percent / 100)))
    return {
        "traffic": f"{times} ×",
        "menus, order pages, orders a second": " / ".join(f"{times * each:,}" for each in (MENUS, LOOKS, ORDERS)),
        "edge, cores": _cores(times * edge_us),
        "programs, cores": _cores(times * program_us),
        "pods at the autoscaler's target": f"{pods:,}",
        "MariaDB, cores": _cores(times * database_us),
        "connections to MariaDB, at most": f"{pods * WORKERS * (THREADS + POLLERS):,}",
        "commits a second": f"{times * ORDERS:,}",
    }


def _us(row: Row) -> float:
    assert row.ours.cpu_us is not None
    return row.ours.cpu_us


def _cores(us: float) -> str:
    return f"{us / 1e6:.2f}"


def _up(value: float) -> int:
    return -int(-value // 1)
