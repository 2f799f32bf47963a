"""Redis and MariaDB die and freeze behind the edge while customers read and order through it."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal

import pytest

from tests.deploy.conftest import ShopBehindTheEdge
from tests.deploy.testbed import Testbed
from tests.faults.commit_watch import CommitWatch
from tests.faults.customers import Customers
from tests.faults.shop import PAGES, Answer, after_s
from tests.harness.servers import Server

pytestmark = pytest.mark.only_full

CURRENT_WITHIN_S, NORMAL_WITHIN_S, PATIENCE = 4, 5, 5
MARKED_AFTER_S = 5
EDGE_KEEPS_S = 2.1  # the edge caches a page for 1 s, and nginx counts whole seconds
PRICE_EVERY_S = 0.4
FIGURES = "figures"

Fault = Callable[[Server], AbstractContextManager[None]]
Record = Callable[[str, object], None]


@contextmanager
def killed(server: Server) -> Iterator[None]:
    server.kill()
    try:
        yield
    finally:
        server.start()


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    server.pause()
    try:
        yield
    finally:
        server.resume()


def change_prices(shop: ShopBehindTheEdge, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        shop.change_price()
        time.sleep(PRICE_EVERY_S)


def is_marked(answer: Answer) -> bool:
    """Whether the page states its age, set by the instance or by the edge (a stale copy)."""
    return answer.age_s is not None or answer.headers["X-Cache-Status"] == "STALE"


def nobody_was_let_down(testbed: Testbed, customers: Customers) -> None:
    """Assert that every page came, that every order was placed or refused with Retry-After, and that no order was
    lost or wrongly charged."""
    assert {answer.status for answer in customers.answers} == {200}
    assert {answer.status for answer in customers.lists} <= {200, 503}
    assert {answer.status for answer in customers.order_answers} <= {201, 503}
    refusals = [answer for answer in customers.lists + customers.order_answers if answer.status == 503]
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refusals)
    assert {answer.body["error"]["code"] for answer in refusals} <= {"unavailable"}
    assert customers.wrongly_charged() == []
    kept = dict(testbed.mariadb.execute("SELECT id, total FROM cloudcafe.orders_order"))
    charged = {sale.order_id: sale.charged for sale in customers.sales}
    assert len(charged) == len(customers.sales), "one order, acknowledged under two keys"
    assert {id_: kept.get(id_) for id_ in charged} == charged


def wait_until_normal(shop: ShopBehindTheEdge) -> float:
    """Change the price and wait until every page shows it and an order is charged it; return the seconds."""
    started = time.monotonic()
    amount = shop.change_price()
    shop.until_current()
    after_s(lambda: shop.order().status == 201)
    normal_s = time.monotonic() - started
    assert Decimal(str(shop.order().body["total_price"])) == amount
    return normal_s


@pytest.mark.parametrize(
    ("fault", "seconds"),
    # "killed" is full-size only: every run covers it without the edge (tests/faults/test_cache_redis.py).
    [(killed, (1, 30)), (frozen, (3, 30))],
    ids=["killed", "frozen"],
)
def test_redis_goes_and_comes_and_nobody_notices(
    testbed: Testbed,
    shop: ShopBehindTheEdge,
    fault: Fault,
    seconds: tuple[int, int],
    full_size: bool,
    record_property: Record,
) -> None:
    with Customers(shop) as customers, CommitWatch(testbed.mariadb.env()) as commits:
        with fault(testbed.redis):
            change_prices(shop, seconds[full_size])
        change_prices(shop, 1)
        current_s = shop.until_current()
    record_property(FIGURES, f"{customers.in_words()}; current after {current_s:.1f} s")
    nobody_was_let_down(testbed, customers)
    assert customers.refused(besides=commits.stalls()) == {}
    assert not any(is_marked(answer) for answer in customers.answers)
    late_s = (customers.most_outdated_s(), customers.longest_unlisted_s(), current_s)
    assert max(late_s) < CURRENT_WITHIN_S * PATIENCE


@pytest.mark.parametrize("fault", [frozen, killed], ids=lambda fault: fault.__name__)
def test_mariadb_goes_and_comes_and_the_menu_stays_and_says_its_age(
    testbed: Testbed, shop: ShopBehindTheEdge, fault: Fault, full_size: bool, record_property: Record
) -> None:
    with Customers(shop) as customers:
        change_prices(shop, 1)
        with fault(testbed.mariadb):
            began = time.monotonic()
            refused = shop.order()
            time.sleep(max(0, began + (20 if full_size else 8) - time.monotonic()))
            ended = time.monotonic()
        normal_s = wait_until_normal(shop)
        back_at = time.monotonic()
        change_prices(shop, 1)
    healthy = [answer for answer in customers.answers if answer.answered_at < began or answer.asked_at > back_at]
    away = [
        answer
        for answer in customers.answers + customers.lists
        if began < answer.asked_at < answer.answered_at < ended
    ]
    outdated_s = max(shop.outdated_s(answer.price, answer.asked_at) for answer in healthy)
    record_property(
        FIGURES,
        f"{len(customers.answers)} pages, {len(customers.sales)} orders, "
        f"{sum(customers.refused().values())} refused, slowest (s): {customers.slowest_s()}; "
        f"while the database was there, price outdated {outdated_s:.1f} s at most; normal after {normal_s:.1f} s",
    )
    nobody_was_let_down(testbed, customers)
    old = [answer for answer in away if answer.asked_at > began + MARKED_AFTER_S + EDGE_KEEPS_S]
    assert {answer.path for answer in old} >= set(PAGES)
    assert all(is_marked(answer) for answer in old if answer.status == 200)
    assert refused.status == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert not any(is_marked(answer) for answer in healthy)
    assert max(outdated_s / CURRENT_WITHIN_S, normal_s / NORMAL_WITHIN_S) < PATIENCE
