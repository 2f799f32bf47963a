"""Rows: the footprint of an instance: its memory after many requests, and the time from start to first answer."""

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median

from bench.figures import Row
from bench.harness.drive import Way
from bench.harness.groups import ASKED_FROM, Group
from bench.harness.rounds import Measure, Work, decide, row_of, side_of
from bench.harness.servers import ROOT
from bench.harness.testbed import Instance
from bench.rows import Plan
from bench.rows.testbed import Testbed

MAX_GROWTH_PERCENT = 5
LOOKS_AT = 4  # memory samples after the warm-up
WARM_TIMES = 20
MEMORY = Work(
    "memory",
    "Σ PSS of a pod with 2 workers × 4 threads after {requests:,} requests",
    "—",
    160,
    at_least=False,
    unit=" MiB",
    ratio_unit="MiB",
    ours="at the end",
)
START = Work(
    "start",
    "process start to first answer",
    "bare `django.setup()` with admin",
    2,
    at_least=False,
    unit=" ms",
    ours="exec to the first 200",
    theirs="exec to its end",
)


def rows(testbed: Testbed, plan: Plan) -> Iterator[Row]:
    yield _memory(testbed, plan)
    yield _start(testbed, plan)


def _memory(testbed: Testbed, plan: Plan) -> Row:
    """Return the memory row, under requests in rotation: page-cache hits, and pages and JSON that Django renders.

    No order is placed: in production orders are a few of a pod's requests."""
    program = testbed.shop.program("pod", None, WEB_WORKERS="2", WEB_THREADS="4")
    slug = testbed.items[0][0]
    paths = (
        "/zh-hans/",
        "/api/orders",
        "/en/",
        f"/en/item/{slug}/",
        "/api/menu",
        "/en/cart/",
        "/en/board/",
        "/api/none",
    )
    way = Way(program.url, 16)
    warm = plan.requests // 5  # in all; on ever new connections, so that each thread of both workers gets each page
    at_first = None
    for _connections in range(WARM_TIMES):
        _ask(way, paths, warm // WARM_TIMES)
        at_first = at_first or program.group.memory_mib()
    seen = [program.group.memory_mib()]
    for _look in range(LOOKS_AT):
        _ask(way, paths, (plan.requests - warm) // LOOKS_AT)
        seen.append(program.group.memory_mib())
    program.kill()
    growth = 100 * (seen[-1] - seen[0]) / seen[0]
    work = Work(**vars(MEMORY) | {"work": MEMORY.work.format(requests=plan.requests)})
    row = decide(
        work,
        [seen[-1]],
        side_of(work.ours, work.unit, [Measure(value=seen[-1])]),
        None,
        note=f"Growth {growth:.1f} % since the first {warm:,} (wanted: < {MAX_GROWTH_PERCENT} %): "
        + " → ".join(f"{mib:.0f}" for mib in seen)
        + f" MiB; {at_first:.0f} after the first {warm // WARM_TIMES:,}.",
    )
    if growth >= MAX_GROWTH_PERCENT:
        row.verdict = type(row.verdict).MISS
    return row


def _ask(way: Way, paths: tuple[str, ...], requests: int) -> None:
    command = ["h2load", "--h1", "-t1", f"-c{way.connections}", f"-n{requests}"]
    group = Group("generator", core=ASKED_FROM)
    done = subprocess.run(
        group.command([*command, *(way.url + path for path in paths)]), capture_output=True, text=True, timeout=900
    )
    group.close()
    if done.returncode:
        raise RuntimeError(f"h2load failed:\n{done.stdout}{done.stderr}")


def _start(testbed: Testbed, plan: Plan) -> Row:
    """Return the start row: both sides have a whole core and compiled bytecode, as in the image."""
    _compile()
    _first_answer(testbed)
    _bare_setup(testbed)
    pairs = [(_bare_setup(testbed), _first_answer(testbed)) for _round in range(plan.starts)]
    bare, ours = zip(*pairs, strict=True)
    row = row_of(START, [Measure(value=ms) for ms in ours], [Measure(value=ms) for ms in bare])
    row.note = f"{row.note} Median of {plan.starts} starts: {median(ours):.0f} and {median(bare):.0f} ms.".strip()
    return row


def _compile() -> None:
    """Compile the bytecode (.pyc) first: with PYTHONDONTWRITEBYTECODE set, a start does not write it."""
    parts = ["bench/baselines", "cafe", "menu", "orders", "staff"]
    subprocess.run([sys.executable, "-m", "compileall", "-q", *parts], cwd=ROOT, check=True)


def _bare_setup(testbed: Testbed) -> float:
    group = Group("bare setup")
    env = testbed.shop.env(DJANGO_SETTINGS_MODULE="bench.baselines.bare_settings")
    began = time.monotonic()
    command = group.command([sys.executable, "-m", "bench.baselines.bare_setup"])
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)
    took = time.monotonic() - began
    group.close()
    return 1000 * took


def _first_answer(testbed: Testbed) -> float:
    """Return the time (ms) from the start of gunicorn to its first 200."""
    shop = testbed.shop
    env = shop.env(WEB_WORKERS="2", WEB_THREADS="4")
    program = Started(shop.room("started"), env, Group("started"))
    began = time.monotonic()
    program.start()
    took = time.monotonic() - began
    program.kill()
    program.group.close()
    return 1000 * took


class Started(Instance):
    """An instance whose start polls a light URL, /health/live/, until the first 200."""

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health/live/", headers={"Host": "localhost"})
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()
