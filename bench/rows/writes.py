"""Rows: placing orders. A whole order has its lines, its event, its claim of the stock and its stock move."""

from collections.abc import Iterator, Sequence
from typing import Any

from bench.figures import Row
from bench.harness.drive import Way, peak
from bench.harness.rounds import Measure, Work, compare
from bench.rows import Plan
from bench.rows.testbed import Testbed

OVER_INSERT = Work(
    "post-insert",
    "`POST /orders`, whole order with stock, lines, event, move",
    "bare one-INSERT view",
    0.40,
    theirs="one INSERT",
)
OVER_COURSE = Work(
    "post-course",
    "`POST /orders`, whole order with stock, lines, event, move",
    "the course's program",
    10,
    theirs="the course's program",
)
HOT = Work(
    "hot-item",
    "hot item: all orders take the same stock row, flush at commit, no binlog",
    "orders over many rows",
    0.85,
    ours="one row",
    theirs="many rows",
)
HOT_BINLOG = Work(
    "hot-item-binlog",
    "hot item: the same, with binlog (sync_binlog=1)",
    "orders over many rows",
    0.85,
    ours="one row",
    theirs="many rows",
)
BINLOG = ("--log-bin", "--sync-binlog=1", "--server-id=1")


def rows(testbed: Testbed, plan: Plan) -> Iterator[Row]:
    items = testbed.items

    def ours() -> Measure:
        return place(testbed, testbed.cafe, items, plan)

    yield compare(OVER_INSERT, ours, lambda: place(testbed, testbed.one_insert, items, plan), rounds=plan.rounds)
    yield compare(OVER_COURSE, ours, lambda: place(testbed, testbed.course, items, plan), rounds=plan.rounds)
    yield _hot(HOT, testbed, plan)
    testbed.shop.restart_mariadb(*BINLOG)
    yield _hot(HOT_BINLOG, testbed, plan)
    testbed.shop.restart_mariadb()


def place(testbed: Testbed, server: Any, items: Sequence[tuple[str, float]], plan: Plan) -> Measure:
    """Return the orders a second that wrk's 16 connections place, with these items in rotation."""
    testbed.next_day()
    wanted = tuple(f"{slug}={price}" for slug, price in items)
    path = "/orders" if server is testbed.course else "/api/orders"
    way = Way(server.url + path, script=("orders.lua", *wanted))
    return peak(way, {"program": [server.group]} | testbed.shop.stores, seconds=plan.seconds)


def _hot(work: Work, testbed: Testbed, plan: Plan) -> Row:
    """Return the row of a hot stock row. Without a CPU quota: the row compares how long the row lock is held."""
    testbed.cafe.group.hold_to(None)
    try:
        return compare(
            work,
            lambda: place(testbed, testbed.cafe, testbed.items[:1], plan),
            lambda: place(testbed, testbed.cafe, testbed.items, plan),
            rounds=plan.rounds,
        )
    finally:
        testbed.cafe.group.hold_to(testbed.quota)
