"""Scenarios: baseline (one user an endpoint), capacity (more and more users), faults, and on request a soak test."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.figures import Cell, Mark, Scenario
from bench.harness.drive import Line, Way, timeline
from bench.harness.stages import AS_BROWSERS_ASK, READS, Setup, behind_the_edge, database_apart, warm
from bench.harness.testbed import Shop

ORDER = '{"customer_name":"缓存测试","coffee_type":"latte","quantity":1}'
ENDPOINTS = (
    *("/zh-hans/", "/en/item/latte/", "/en/cart/", "/en/board/"),
    *("/api/menu", "/api/orders", "/api/health", "/health/ready/", "/api/cache/stats"),
)
KNEE_SHARE = 0.95  # of the highest throughput reached
STEADY_SHARE = 0.6  # of the throughput at the knee
AS_BEFORE = 3  # consecutive normal bins that count as recovered
ORDERING = 16  # connections: h2load's all send at the same moment; half of the edge's EDGE_ORDER_CAP


@dataclass(frozen=True)
class Plan:
    baseline_s: float
    step_s: float
    steps: tuple[int, ...]
    fault_s: float  # of the fault; the load runs as long before it, and twice as long after
    bin_s: float


FULL = Plan(3, 6, (1, 2, 5, 10, 20, 50, 100, 200, 400), 10, 1)
QUICK = Plan(0.3, 0.8, (1, 4, 16, 64, 200), 1.25, 0.25)


def scenarios(shop: Shop, plan: Plan, say: Callable[[str], None]) -> Iterator[Scenario]:
    with database_apart(shop) as setup:
        warm(setup)
        yield baseline(setup, plan)
        reads = capacity(setup, plan, "reads in turn", READS, "", say)
        yield reads
        orders = capacity(setup, plan, "orders", ("/api/orders",), ORDER, say)
        yield orders
    with behind_the_edge(shop, 2) as setup:
        warm(setup)
        yield faults(shop, setup, plan, orders_a_second=knee(orders.cells).table.throughput, say=say)


def baseline(setup: Setup, plan: Plan) -> Scenario:
    """Measure one user on one endpoint after the other."""
    cells = [_line(setup, Line(f"GET {path}", "1", plan.baseline_s, bin_s=plan.bin_s), 1, path) for path in ENDPOINTS]
    order = Line("POST /api/orders", "1", plan.baseline_s, bin_s=plan.bin_s, post=ORDER)
    cells.append(_line(setup, order, 1, "/api/orders"))
    return Scenario("baseline", f"One user an endpoint. {setup.about}", cells)


def capacity(
    setup: Setup, plan: Plan, name: str, paths: tuple[str, ...], post: str, say: Callable[[str], None]
) -> Scenario:
    """Measure more and more users, a closed loop without think time, and find the knee."""
    cells = []
    for users in plan.steps:
        line = Line(name, str(users), plan.step_s, bin_s=plan.bin_s, post=post, paths=paths)
        cells.append(_line(setup, line, users))
        seen = cells[-1].table
        say(f"  {users} users, {name}: {seen.throughput:,.0f}/s, median {seen.median_ms:,.1f} ms")
    best = knee(cells)
    about = f"Steps of users until more of them bring no more answers. {setup.about}"
    found = (
        f"The knee: {best.users} users, {best.table.throughput:,.0f}/s with 99 % below {best.table.p99_ms:,.0f} ms;"
        " more users wait longer and get no more."
    )
    return Scenario(f"capacity: {name}", about, cells, found)


def knee(cells: list[Cell]) -> Cell:
    """Return the cell with the fewest users that reaches KNEE_SHARE of the highest throughput."""
    most = max(cell.table.throughput for cell in cells)
    return next(cell for cell in cells if cell.table.throughput >= KNEE_SHARE * most)


def faults(shop: Shop, setup: Setup, plan: Plan, *, orders_a_second: float, say: Callable[[str], None]) -> Scenario:
    """Inject faults under a steady load of orders and reads: kill Redis, kill an instance, freeze the database."""
    rate = max(STEADY_SHARE * orders_a_second, 2.0)
    cells = []
    for name, begins, ends in _faults(shop, setup):
        seen = _while(name, begins, ends, setup, plan, rate)
        cells += seen
        for cell in seen:
            say(f"  {cell.name}: {cell.table.errors_percent:.2f} % errors, slowest {cell.table.max_ms:,.0f} ms")
    about = (
        f"Two programs behind the edge, {rate:.0f} orders a second ({STEADY_SHARE:.0%} of what one program places)"
        f" and ten times as many reads, each fault for {plan.fault_s:g} s in their midst. An order that is told 503"
        " counts as an error here; people press again, and nothing is placed twice."
    )
    return Scenario("faults", about, cells, "; ".join(_in_short(cell, plan) for cell in cells) + ".")


def _faults(shop: Shop, setup: Setup) -> tuple[tuple[str, Callable[[], Any], Callable[[], Any]], ...]:
    killed = setup.instances[0]
    return (
        ("Redis killed", shop.redis.kill, shop.redis.start),
        ("a program killed", killed.kill, killed.start),
        ("the database frozen", shop.mariadb.pause, shop.mariadb.resume),
    )


def _while(
    name: str, begins: Callable[[], Any], ends: Callable[[], Any], setup: Setup, plan: Plan, rate: float
) -> list[Cell]:
    seconds = 4 * plan.fault_s
    orders = Line(f"{name}: orders", f"{rate:.0f} a second", seconds, rate, bin_s=plan.bin_s, post=ORDER)
    reads = Line(f"{name}: reads", f"{10 * rate:.0f} a second", seconds, 10 * rate, bin_s=plan.bin_s, paths=READS)
    found: dict[str, Cell] = {}
    asking = [
        threading.Thread(target=lambda: found.update(orders=_line(setup, orders, ORDERING, "/api/orders"))),
        threading.Thread(target=lambda: found.update(reads=_line(setup, reads, 40))),
    ]
    for thread in asking:
        thread.start()
    time.sleep(plan.fault_s)
    begins()
    time.sleep(plan.fault_s)
    ends()
    for thread in asking:
        thread.join()
    for cell in found.values():
        cell.marks = [Mark(plan.fault_s, name), Mark(2 * plan.fault_s, "back")]
    return [found["orders"], found["reads"]]


def _in_short(cell: Cell, plan: Plan) -> str:
    back_s = recovered_s(cell, 2 * plan.fault_s)
    again = "not as before until the end" if back_s is None else f"as before {back_s:.1f} s after its end"
    return f"{cell.name} {cell.table.errors_percent:.1f} % errors, {again}"


def recovered_s(cell: Cell, ended_s: float) -> float | None:
    """Return the seconds from a fault's end until AS_BEFORE normal bins in a row begin: without errors, and with at
    least half the median throughput before the fault. None if the cell never recovers."""
    curve = cell.curve
    usual = median(good for at_s, good in zip(curve.at_s, curve.throughput, strict=True) if at_s < ended_s / 2)
    good = [
        answered >= usual / 2 and not errors for answered, errors in zip(curve.throughput, curve.errors, strict=True)
    ]
    for index, at_s in enumerate(curve.at_s):
        if at_s >= ended_s and len(good) >= index + AS_BEFORE and all(good[index : index + AS_BEFORE]):
            return at_s - ended_s
    return None


def soak(shop: Shop, rate: float, say: Callable[[str], None], seconds: float) -> Scenario:
    """Soak test: `seconds` at a steady `rate` (STEADY_SHARE of the knee). Memory, connections and response times have
    to stay constant."""
    with database_apart(shop) as setup:
        warm(setup)
        beside: dict[str, list[float | None]] = {"memory of the program, MiB": [], "connections to MariaDB": []}
        line = Line("reads in turn", f"{rate:.0f} a second", seconds, rate, bin_s=seconds / 60, paths=READS)
        ends = threading.Event()
        watching = threading.Thread(target=_look, args=(shop, setup, beside, line.bin_s, ends))
        watching.start()
        cell = _line(setup, line, 40)
        ends.set()
        watching.join()
    count = len(cell.curve.at_s)
    cell.curve.besides = {name: (seen + [None] * count)[:count] for name, seen in beside.items()}
    memory = [mib for mib in beside["memory of the program, MiB"] if mib]
    say(f"  memory {memory[0]:.0f} → {memory[-1]:.0f} MiB")
    found = (
        f"Memory {memory[0]:.0f} → {memory[-1]:.0f} MiB, {cell.table.errors_percent:.3f} % errors,"
        f" 99 % below {cell.table.p99_ms:.0f} ms."
    )
    return Scenario("stability", f"{seconds / 60:.0f} minutes at {STEADY_SHARE:.0%} of the knee.", [cell], found)


def _look(
    shop: Shop, setup: Setup, beside: dict[str, list[float | None]], every_s: float, ends: threading.Event
) -> None:
    memory, connections = beside.values()
    while not ends.wait(every_s):
        memory.append(round(setup.instances[0].group.memory_mib(), 1))
        told = shop.mariadb.execute("SHOW GLOBAL STATUS LIKE 'Threads_connected'")
        connections.append(float(told[0][1]) - 1)


def _line(setup: Setup, line: Line, connections: int, path: str = "") -> Cell:
    return timeline(Way(setup.url + path, connections, headers=(AS_BROWSERS_ASK,)), setup.parts, line)
