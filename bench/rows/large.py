"""Rows: the slowdown with large tables: ten million orders, three thousand items."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any

from bench.figures import Row
from bench.harness.drive import Way, peak
from bench.harness.rounds import Measure, Work, row_of
from bench.harness.testbed import Instance
from bench.rows import Plan
from bench.rows.testbed import ORDERS, Testbed

LARGE = "test_large"  # the café's database user has rights on names like this
FEW, MANY = 30, 3000
CONNECTIONS = 4
AT_LEAST_S = {"bar-queue": 6.0}  # one answer takes about a second: a round of one second has too few samples
PAGES = (
    ("order-page", "order page"),
    ("recent-orders", "recent orders (`GET /orders`, no Redis)"),
    ("bar-queue", "bar queue, 40 orders open"),
)


def rows(testbed: Testbed, plan: Plan) -> Iterator[Row]:
    yield from _orders(testbed, plan)
    yield _menu(testbed, plan)


def _orders(testbed: Testbed, plan: Plan) -> Iterator[Row]:
    """Yield the rows of two instances on two databases of one MariaDB, without Redis: every answer queries it."""
    seen = {}
    with testbed.shop.database_group.on_every_core(), ThreadPoolExecutor() as pool:
        counts = {"test_small": ORDERS, LARGE: plan.orders}
        filled = {name: pool.submit(_fill, testbed, name, count) for name, count in counts.items()}
    for name, told in filled.items():
        program = testbed.shop.program(name, testbed.quota, DB_NAME=name, REDIS_HOST="", REDIS_PASSWORD="")
        seen[name] = (program, told.result())
    for key, title in PAGES:
        yield _compare_page(testbed, plan, key, title, seen["test_small"], seen[LARGE])
    for name, (program, _told) in seen.items():
        program.kill()
        testbed.shop.mariadb.execute(f"DROP DATABASE {name}")


def _fill(testbed: Testbed, name: str, count: int) -> Sequence[str]:
    """Fill the database `name` and return the output of bench.data.many_orders: a session key, then tokens."""
    testbed.copy_database(name)
    env = testbed.shop.env(DB_NAME=name, REDIS_HOST="", REDIS_PASSWORD="")
    return testbed.run("bench.data.many_orders", str(count), env=env).splitlines()


def _compare_page(testbed: Testbed, plan: Plan, key: str, title: str, small: Any, large: Any) -> Row:
    work = Work(
        key,
        f"{title} with {plan.orders:,} orders",
        f"with {ORDERS:,}",
        1.2,
        at_least=False,
        unit=" ms",
        ours=f"{plan.orders:,} orders",
        theirs=f"{ORDERS:,} orders",
    )
    ways = [_way(key, program, told) for program, told in (small, large)]
    examined: list[list[float]] = [[], []]
    measures: list[list[Measure]] = [[], []]
    for _round in range(plan.rounds):
        for number, (program, _told) in enumerate((small, large)):
            before = testbed.rows_read()
            seconds = max(plan.seconds, AT_LEAST_S.get(key, 0))
            measure = _took(ways[number], program, testbed, seconds)
            examined[number].append((testbed.rows_read() - before) / measure.answers)
            measures[number].append(measure)
    few, many = (f"{median(rows):.0f}" for rows in examined)
    note = f"Rows read by an answer: {many} (with {ORDERS:,}: {few})."
    return row_of(work, measures[1], measures[0], note=note)


def _way(key: str, program: Instance, told: Sequence[str]) -> Way:
    session, *tokens = told
    if key == "order-page":
        return Way(
            f"{program.url}/", CONNECTIONS, script=("paths.lua", *(f"/zh-hans/order/{one}/" for one in tokens))
        )
    if key == "recent-orders":
        return Way(f"{program.url}/orders", CONNECTIONS)
    return Way(f"{program.url}/admin/bar/", CONNECTIONS, headers=(f"Cookie: sessionid={session}",))


def _took(way: Way, program: Instance, testbed: Testbed, seconds: float) -> Measure:
    """Return the response time (ms) of one answer under a closed loop of CONNECTIONS."""
    parts = {"program": [program.group], "database": testbed.shop.stores["database"]}
    measure = peak(way, parts, seconds=seconds)
    measure.value = 1000 * CONNECTIONS / measure.value
    return measure


def _menu(testbed: Testbed, plan: Plan) -> Row:
    work = Work(
        "large-menu",
        f"menu of {MANY:,} items, warm",
        f"{FEW} items, per byte",
        1.1,
        at_least=False,
        unit=" µs/kB",
        ours=f"{MANY:,} items",
        theirs=f"{FEW} items",
    )
    names = {f"test_menu_{count}": count for count in (MANY, FEW)}
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: _with_items(testbed, name, names[name]), names))
    instances = testbed.shop.start_together(
        [testbed.shop.new_instance(name, testbed.quota, DB_NAME=name) for name in names]
    )
    for program in instances:
        program.size = testbed.size_of(program.url + "/en/")
    for program in instances:
        _a_kilobyte(program, plan)  # warm
    rounds = [[_a_kilobyte(program, plan) for program in instances] for _round in range(plan.rounds)]
    sizes = " and ".join(f"{program.size / 1000:,.0f} kB" for program in instances)
    for program in instances:
        program.kill()
    many, few = zip(*rounds, strict=True)
    return row_of(work, many, few, note=f"Pages of {sizes}.")


def _with_items(testbed: Testbed, name: str, count: int) -> None:
    testbed.copy_database(name)
    testbed.run("bench.data.many_items", str(count), env=testbed.shop.env(DB_NAME=name))


def _a_kilobyte(program: Instance, plan: Plan) -> Measure:
    """Return the instance's user and system time (µs) per kilobyte of the page; most of it is sending."""
    measure = peak(Way(program.url + "/en/", CONNECTIONS), {"program": [program.group]}, seconds=plan.seconds)
    measure.value = sum(measure.cpu_us.values()) / (program.size / 1000)
    return measure
