"""Measure one variant: reads at peak load, while prices change, and while readers race a writer."""

import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from bench.cache_comparison.late_database import LateDatabase
from bench.cache_comparison.staleness import judge, judge_bursts
from bench.cache_comparison.variants import Variant
from bench.harness.load import CONNECTIONS, Crowd, Load
from bench.harness.servers import PAGE, Gunicorn, statements
from bench.harness.watch import Watch
from bench.harness.writer import UPDATE, Manager
from tests.harness.servers import MariaDB

Figures = dict[str, Any]

WATCHERS = 4  # in addition to the crowd, whose answers are not checked
GAP_S = 0.06  # at most, between two racing changes: about as long as a library takes to read the menu again
QUIET_S = 2.7  # after each burst: longer than the bound, so that an answer stale beyond it is observed


@dataclass(frozen=True)
class Served:
    """A running variant: its gunicorn, its manager process, and the database they share."""

    variant: Variant
    gunicorn: Gunicorn
    manager: Manager
    database: MariaDB


@dataclass(frozen=True)
class Counters:
    """The CPU time (s) and the database statements used so far."""

    cpu_s: float
    selects: int
    statements: int

    @classmethod
    def now(cls, served: Served) -> "Counters":
        return cls(served.gunicorn.cpu_s(), *statements(served.database))


def peak(served: Served, *, seconds: float, path: str = PAGE, headers: tuple[str, ...] = ()) -> Figures:
    """Return the throughput and cost of CONNECTIONS readers when nothing changes."""
    before = Counters.now(served)
    load = Crowd(served.gunicorn.url + path, seconds, headers=headers).wait()
    return cost(load, before, Counters.now(served))


def changing(served: Served, *, seconds: float) -> Figures:
    """Return throughput, cost and staleness while a price changes each second, for CONNECTIONS readers and WATCHERS
    more. The statements include those of the writer."""
    before = Counters.now(served)
    watch = Watch(served.gunicorn.url, PAGE, readers=WATCHERS)
    crowd = Crowd(served.gunicorn.url + PAGE, seconds)
    began_at = time.monotonic()
    for second in range(int(seconds)):
        _sleep_until(began_at + second + 0.1)
        served.manager.change()
    load, reads = crowd.wait(), watch.end()
    everybody = Load(load.answers + len(reads), load.seconds, load.failed)
    return cost(everybody, before, Counters.now(served)) | asdict(judge(reads, served.manager.changes))


def updating(served: Served, *, seconds: float) -> Figures:
    """Return the staleness of all answers while a price changes each second by `QuerySet.update()`."""
    served.manager.change()  # a `save()` invalidates every library: later staleness is due to `update()` alone
    watch = Watch(served.gunicorn.url, PAGE, readers=CONNECTIONS)
    for _second in range(int(seconds)):
        time.sleep(1)
        served.manager.change(UPDATE)
    time.sleep(QUIET_S)
    return asdict(judge(watch.end(), served.manager.changes))


def colliding(served: Served, *, seconds: float) -> Figures:
    """Return the staleness when CONNECTIONS readers refill the cache while, by chance, the price changes again."""
    return _bursts(served, seconds, readers=CONNECTIONS, wait=lambda: time.sleep(random.uniform(0, GAP_S)))


def colliding_surely(served: Served, database: LateDatabase, *, seconds: float) -> Figures:
    """Return the staleness when a change is committed between one reader's SELECT and its cache SET.

    One reader only: of many, a later one would soon overwrite the old price with the new one."""
    return _bursts(served, seconds, readers=1, wait=database.wait_for_a_reader)


def _bursts(served: Served, seconds: float, *, readers: int, wait: Callable[[], None]) -> Figures:
    """Repeat: save twice, with `wait` between, then change nothing for QUIET_S. All answers are checked."""
    served.manager.change()
    watch = Watch(served.gunicorn.url, PAGE, readers=readers)
    ends_at = time.monotonic() + seconds - QUIET_S
    last_of_bursts = []
    while time.monotonic() < ends_at:
        served.manager.change()
        wait()
        last_of_bursts.append(served.manager.change())
        time.sleep(QUIET_S)
    reads, changes = watch.end(), served.manager.changes
    return asdict(judge(reads, changes)) | judge_bursts(reads, changes, last_of_bursts)


def cost(load: Load, before: Counters, after: Counters) -> Figures:
    """Return reads/s, CPU time (µs) and statements per 1,000 reads."""
    return {
        "reads": load.answers,
        "reads_a_second": round(load.a_second, 1),
        "cpu_us": round((after.cpu_s - before.cpu_s) * 1e6 / load.answers, 1),
        "selects_per_1000": round((after.selects - before.selects) * 1000 / load.answers, 2),
        "statements_per_1000": round((after.statements - before.statements) * 1000 / load.answers, 2),
        "failed": load.failed,
    }


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
