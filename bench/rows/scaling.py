"""Row: four instances have twice the throughput of two. Each has the same CPU quota; the edge cache is off."""

from collections.abc import Iterator

from bench.figures import Row
from bench.harness.drive import Way, peak
from bench.harness.groups import ASKED_FROM
from bench.harness.rounds import Measure, Work, row_of
from bench.harness.testbed import BenchEdge, Instance
from bench.rows import Plan
from bench.rows.testbed import Testbed
from tests.deploy.edge import OneAddress

QUOTA = 0.15
CONNECTIONS = 64
WORK = Work(
    "two-to-four",
    "2 → 4 programs of equal quota, `GET /orders`, edge cache off",
    "twice the throughput of 2",
    0.95,
    ours="4 programs",
    theirs="2 programs",
)


def rows(testbed: Testbed, plan: Plan) -> Iterator[Row]:
    two, four = _behind_an_edge(testbed, 2), _behind_an_edge(testbed, 4)
    for each in (two, four):
        _ask(*each, testbed, plan)  # an unmeasured round fills the caches
    pairs = [(_ask(*two, testbed, plan), _ask(*four, testbed, plan)) for _round in range(plan.rounds)]
    row = row_of(WORK, [four for _two, four in pairs], [two for two, _four in pairs], times=2)
    row.note = f"{row.ours.failed + (row.theirs.failed if row.theirs else 0)} errors. {row.note}".strip()
    for edge, instances in (two, four):
        for server in (edge, *instances):
            server.kill()
    yield row


def _behind_an_edge(testbed: Testbed, count: int) -> tuple[BenchEdge, list[Instance]]:
    shop, common = testbed.shop, OneAddress()
    instances = shop.instances(count, QUOTA, common)
    return shop.edge(None, common.address, core=ASKED_FROM, keeps=False), instances


def _ask(edge: BenchEdge, instances: list[Instance], testbed: Testbed, plan: Plan) -> Measure:
    groups = {"programs": [program.group for program in instances], "edge": [edge.group]}
    way = Way(edge.url + "/orders", CONNECTIONS)
    return peak(way, groups | {"redis": testbed.shop.stores["redis"]}, seconds=plan.seconds)
