"""The stages of the load reports on one machine: each simulated "machine" is a control group with a CPU quota."""

import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.figures import Cell, Part, Stage
from bench.harness import mix
from bench.harness.drive import Line, Watch, Way, timeline
from bench.harness.groups import ASKED_FROM, PERIOD_US, Group
from bench.harness.rounds import BUSY_PERCENT
from bench.harness.testbed import BenchEdge, Instance, Shop
from tests.deploy.edge import OneAddress

MACHINE = 0.2  # of a core: four of them, the edge, the database and the load fit on two cores
READS = ("/zh-hans/", "/api/orders", "/en/item/latte/", "/api/menu")
IDLE = 1500
WARM_TIMES = 6  # requests for each path, so that both worker processes get some
THINK = {"CAFE_THINK_S": "0.3"}  # short, so that a few dozen users make a load
AS_BROWSERS_ASK = "Accept-Encoding: br, gzip"
SIMULATED = (
    f"A machine is a control group with {MACHINE:g} of a core in periods of {PERIOD_US // 1000} ms; there is no"
    " network between them but the loopback. The programs share one core; the load, and all that is named apart, the"
    " other."
)


@dataclass
class Setup:
    """A running stage: the URL to load, and the control groups whose CPU and memory count."""

    name: str
    about: str
    url: str
    parts: dict[str, list[Group]]
    instances: list[Instance] = field(default_factory=list)
    edge: BenchEdge | None = None


@dataclass(frozen=True)
class Plan:
    seconds: float
    mix_s: float
    mix_users: int
    bin_s: float


FULL = Plan(seconds=10, mix_s=20, mix_users=60, bin_s=1)
QUICK = Plan(seconds=1, mix_s=2, mix_users=30, bin_s=0.25)


@contextmanager
def one_machine(shop: Shop) -> Iterator[Setup]:
    program = shop.program("machine", MACHINE, WEB_WORKERS="2")
    with shop.stores_in(program.group):
        yield Setup(
            "one machine",
            "Program, MariaDB and Redis in one group; asked without an edge.",
            program.url,
            {"the machine": [program.group]},
            [program],
        )
    program.kill()


@contextmanager
def database_apart(shop: Shop) -> Iterator[Setup]:
    program = shop.program("program", MACHINE, WEB_WORKERS="2")
    with stores_on_a_machine(shop) as stores:
        yield Setup(
            "program and database apart",
            "The program in one group; MariaDB and Redis in another, on the other core. No edge.",
            program.url,
            {"program": [program.group], "database and Redis": [stores]},
            [program],
        )
    program.kill()


@contextmanager
def behind_the_edge(shop: Shop, count: int, *, keeps: bool = True) -> Iterator[Setup]:
    common = OneAddress()
    instances = shop.instances(count, MACHINE, common, WEB_WORKERS="2")
    with stores_on_a_machine(shop) as stores:
        edge = shop.edge(MACHINE, common.address, core=ASKED_FROM, keeps=keeps)
        word = {2: "two", 4: "four"}[count]
        yield Setup(
            f"{word} programs behind the edge",
            f"{word.capitalize()} groups with a program each, one with the edge, one with MariaDB and Redis.",
            edge.url,
            {
                "programs": [program.group for program in instances],
                "edge": [edge.group],
                "database and Redis": [stores],
            },
            instances,
            edge,
        )
        edge.kill()
    for program in instances:
        program.kill()


@contextmanager
def stores_on_a_machine(shop: Shop) -> Iterator[Group]:
    group = Group("database machine", quota=MACHINE, core=ASKED_FROM)
    with shop.stores_in(group):
        yield group


def stages(shop: Shop, plan: Plan, say: Callable[[str], None]) -> Iterator[Stage]:
    opened: tuple[Callable[[], object], ...] = (
        lambda: one_machine(shop),
        lambda: database_apart(shop),
        lambda: behind_the_edge(shop, 2),
        lambda: behind_the_edge(shop, 4),
    )
    for opens in opened:
        with opens() as setup:  # type: ignore[attr-defined]
            warm(setup)
            cells = []
            for cell in cells_of(setup, plan):
                cells.append(cell)
                say(f"  {setup.name}, {cell.users}: {cell.table.throughput:,.0f}/s, 99 % {cell.table.p99_ms:,.0f} ms")
        yield Stage(setup.name, setup.about, SIMULATED, cells)


def warm(setup: Setup) -> None:
    """Fill the page cache of each instance, as after its first minute."""
    for program in setup.instances:
        for path in READS * WARM_TIMES:
            request = urllib.request.Request(program.url + path, headers={"Accept-Encoding": "br, gzip"})
            urllib.request.urlopen(request, timeout=30).read()


def cells_of(setup: Setup, plan: Plan) -> Iterator[Cell]:
    name = "reads in turn: menu, newest orders, item, menu as JSON"
    for connections, idle, users in (
        (10, 0, "10"),
        (200, 0, "200"),
        (200, IDLE, f"200 of {200 + IDLE:,} connections"),
    ):
        yield read(setup, Line(name, users, plan.seconds, idle=idle, bin_s=plan.bin_s, paths=READS), connections)
    yield people(setup, plan.mix_users, plan.mix_s)


def read(setup: Setup, line: Line, connections: int) -> Cell:
    return timeline(Way(setup.url, connections, headers=(AS_BROWSERS_ASK,)), setup.parts, line)


def people(setup: Setup, users: int, seconds: float, name: str = mix.NAME) -> Cell:
    """Run Locust's users, who browse, order and watch, and return their cell. `seconds` excludes Locust's startup."""
    watch = Watch(setup.parts)
    seen = mix.run(setup.url, users=users, spawn_rate=users, seconds=round(seconds), core=ASKED_FROM, env=THINK)
    busy = seen.generator_percent
    problems = [f"The generator was {busy:.0f} % busy."] if busy >= BUSY_PERCENT else []
    if seen.refused:
        problems.append(
            "Politely refused: " + ", ".join(f"{count} {name}" for name, count in seen.refused.items()) + "."
        )
    return Cell(
        name=name,
        users=str(users),
        table=seen.table,
        curve=seen.curve,
        parts=[*watch.parts(seen.seconds), Part("generator", round(busy, 1), None)],
        cpu_us=round(sum(watch.cpu_us(seen.table.samples).values()), 1),
        generator="Locust",
        generator_percent=round(busy, 1),
        is_valid=busy < BUSY_PERCENT,
        why_not=" ".join(problems),
    )
