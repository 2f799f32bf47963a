"""Row: overload: an open loop of orders at TIMES the measured capacity."""

import time
from collections.abc import Iterator

from bench.figures import Row
from bench.harness.groups import ASKED_FROM, Group
from bench.harness.rounds import Measure, Work, decide, side_of
from bench.harness.testbed import BenchEdge, Instance, Shop
from bench.rows import Plan
from bench.rows.testbed import Testbed
from tests.deploy.edge import OneAddress
from tests.deploy.load import Load, ask

QUOTA = 0.3  # of a core, for all instances together
PROGRAMS = 3
TIMES = 10
NORMAL_SHARE = 0.8  # of the peak goodput, to count as recovered
LOOKS_AGAIN_S = 0.5
GIVES_UP_S = 50
# The edge trusts the client address the load sends, a new one for each order: only the cap on orders refuses, not the
# rate limit per address.
BELIEVED = {"EDGE_TRUSTED": "set_real_ip_from 127.0.0.1;"}
WORK = Work(
    "overload",
    f"overload: {TIMES} × the capacity of order posts, programs in {QUOTA:g} core, open loop, through the edge",
    "peak goodput",
    0.80,
    unit=" orders/s",
    ours=f"placed at {TIMES} × capacity",
    theirs="peak goodput",
)


def rows(testbed: Testbed, plan: Plan) -> Iterator[Row]:
    shop, common = testbed.shop, OneAddress()
    group = Group("programs", quota=QUOTA)
    instances = [_program(shop, f"overload-{number}", group, common) for number in range(PROGRAMS)]
    shop.start_together(instances)
    edge = shop.edge(None, common.address, core=ASKED_FROM, **BELIEVED)
    rounds = []
    for number in range(plan.rounds):
        testbed.next_day()
        rounds.append(_round(edge, group, number, plan))
    for server in (edge, *instances):
        server.kill()
    peaks, loads, normal_again_s = zip(*rounds, strict=True)
    worst_s = max(normal_again_s)
    refused = sum(len(load.refused) for load in loads)
    wrong = sum(1 for load in loads for told in load.refused if told.status not in (429, 503))
    late_ms = max(load.late_ms(0.5) for load in loads)
    row = decide(
        WORK,
        [load.goodput / peak.goodput for load, peak in zip(loads, peaks, strict=True)],
        side_of(WORK.ours, WORK.unit, [_measure(load) for load in loads]),
        side_of(WORK.theirs, WORK.unit, [_measure(peak) for peak in peaks]),
        note=(
            f"Normal again (≥ {NORMAL_SHARE:.0%} of the peak) {worst_s:.1f} s after the end at most; wanted: 10."
            f" {refused} refused, {wrong} of them without 429 or 503; a refusal took"
            f" {max(load.median_ms(placed=False) for load in loads):.1f} ms; half of all were sent at most"
            f" {late_ms:.0f} ms late."
        ),
        is_valid=wrong == 0 and late_ms < 100,
    )
    if worst_s > 10 and row.verdict == "PASS":
        row.verdict = type(row.verdict).MISS
    yield row


def _program(shop: Shop, name: str, group: Group, common: OneAddress) -> Instance:
    return Instance(shop.room(name), shop.env(), group, common=common)


def _round(edge: BenchEdge, group: Group, number: int, plan: Plan) -> tuple[Load, Load, float]:
    """Return the load at peak goodput, the load at TIMES that rate, and the seconds until recovery after it."""
    seconds = max(plan.seconds, 1.5)
    name = f"{group.name}-{time.time():.0f}-{number}"
    peak = max(
        (ask(edge, name=f"{name}-{crowd}", at_once=crowd, seconds=seconds) for crowd in (16, 32)),
        key=lambda load: load.goodput,
    )
    load = ask(edge, name=f"{name}-10x", rate=TIMES * peak.goodput, seconds=2 * seconds)
    ended = time.monotonic()
    for look in range(int(GIVES_UP_S / LOOKS_AGAIN_S)):
        at_s = time.monotonic() - ended
        again = ask(edge, name=f"{name}-again-{look}", at_once=16, seconds=1)
        if again.goodput >= NORMAL_SHARE * peak.goodput or at_s > GIVES_UP_S:
            return peak, load, at_s
    return peak, load, GIVES_UP_S


def _measure(load: Load) -> Measure:
    return Measure(value=load.goodput, answers=len(load))
