"""Rows: the reads (menu page, `GET /orders`), from one instance directly and through the edge."""

from collections.abc import Iterator

from bench.figures import Row
from bench.harness.drive import Way, peak
from bench.harness.groups import Group
from bench.harness.rounds import Work, compare
from bench.rows import Plan
from bench.rows.testbed import Testbed

MENU_ALONE = Work(
    "menu-alone",
    "public menu page, cached, program alone, keep-alive",
    "bare WSGI, same bytes",
    0.85,
    theirs="bare WSGI",
)
ORDERS_ALONE = Work(
    "orders-alone", "`GET /orders`, program alone", "the course's program", 4, theirs="the course's program"
)
MENU_EDGE = Work(
    "menu-edge", "menu page through the edge", "nginx file, same bytes", 0.85, theirs="nginx, from a file"
)
ORDERS_EDGE = Work(
    "orders-edge", "`GET /orders` through the edge", "the course's program", 25, theirs="the course's program"
)
PAGE = "/en/"  # the page that bench.harness.servers.keep_answer stores


def rows(testbed: Testbed, plan: Plan) -> Iterator[Row]:
    redis = testbed.shop.stores["redis"]
    yield _compare(MENU_ALONE, plan, (testbed.cafe, PAGE), (testbed.bare, PAGE))
    yield _compare(ORDERS_ALONE, plan, (testbed.cafe, "/orders"), (testbed.course, "/orders"), redis=redis)
    yield _compare(MENU_EDGE, plan, (testbed.edge, PAGE), (testbed.file_server, "/"))
    yield _compare(ORDERS_EDGE, plan, (testbed.edge, "/orders"), (testbed.course, "/orders"), redis=redis)


def _compare(work: Work, plan: Plan, ours: tuple, theirs: tuple, **stores: list[Group]) -> Row:
    def side(server, path):
        way = Way(server.url + path)
        return lambda: peak(way, {"program": [server.group]} | stores, seconds=plan.seconds)

    return compare(work, side(*ours), side(*theirs), rounds=plan.rounds)
