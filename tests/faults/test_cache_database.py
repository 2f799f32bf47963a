"""MariaDB freezes, dies or answers 3 s late: the menu is still served from its snapshot, marked with its age."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http.response import HttpResponseBase

from cafe.caching.cached_value import CachedValue, Version
from cafe.serving.page_cache import PageCache, plain_request
from menu.catalogue.current import MENU
from menu.catalogue.records import Menu
from tests.faults.customers import Customers
from tests.faults.shop import ALIVE, ORDERS, PAGES, READY, Answer, Shop, after_s

pytestmark = pytest.mark.needs_redis

MARKED_AFTER_S = 5
LOOK_S = 1.6  # from one poll of the database to the end of the next: 0.55 s of pause, 1 s of timeout
NORMAL_WITHIN_S, PATIENCE = 5, 5
AT_ONCE_S = 1.2  # half a second until a poll counts as late, and the rest of an interval

Record = Callable[[str, object], None]


@pytest.fixture(autouse=True)
def _the_books_agree(shop: Shop) -> Iterator[None]:
    yield
    assert shop.witness.do("check_books") == []


# The outages


@contextmanager
def frozen(shop: Shop) -> Iterator[None]:
    shop.mariadb.pause()
    try:
        yield
    finally:
        shop.mariadb.resume()


@contextmanager
def killed(shop: Shop) -> Iterator[None]:
    shop.mariadb.kill()
    try:
        yield
    finally:
        shop.mariadb.start()


@contextmanager
def three_seconds_late(shop: Shop) -> Iterator[None]:
    shop.proxy.delay_s = 3
    try:
        yield
    finally:
        shop.proxy.delay_s = 0


@contextmanager
def cut_off(shop: Shop) -> Iterator[None]:
    """Only the café's connections to the database are cut, by the proxy."""
    shop.proxy.die()
    try:
        yield
    finally:
        shop.proxy.revive()


@contextmanager
def redis_killed(shop: Shop) -> Iterator[None]:
    shop.redis.kill()
    try:
        yield
    finally:
        shop.redis.start()


Outage = Callable[[Shop], AbstractContextManager[None]]


@pytest.mark.few_cases(1)
@pytest.mark.parametrize(
    "outage",
    [frozen, killed, three_seconds_late],
    ids=lambda outage: outage.__name__,
)
def test_the_menu_is_served_and_marked_with_its_age_until_the_database_is_back(
    shop: Shop, outage: Outage, full_size: bool, record_property: Record
) -> None:
    with Customers(shop) as customers:
        time.sleep(1)
        with outage(shop):
            began = time.monotonic()
            time.sleep(20 if full_size else 7)
            after_s(lambda: is_answered(set(PAGES), old_ones(began, time.monotonic(), customers.answers)))
            ended = time.monotonic()
        back_at = time.monotonic()
        normal_s = wait_until_normal(shop)
        time.sleep(1)
    normal_s = max(normal_s, last_refusal(customers) - back_at)
    record_property("figures", f"{customers.in_words()}; normal after {normal_s:.1f} s")
    assert_the_menu_was_served(customers)
    assert_marked_while(began, ended, customers.answers)
    assert normal_s < NORMAL_WITHIN_S * PATIENCE


@pytest.mark.few_cases(1)
@pytest.mark.parametrize("outage", [frozen, cut_off], ids=lambda outage: outage.__name__)
def test_the_menu_is_served_at_once_while_more_customers_order_than_there_are_threads(
    shop: Shop, outage: Outage, full_size: bool, record_property: Record
) -> None:
    with Customers(shop, buyers=40, buyers_pause_s=0.2) as customers, outage(shop):
        time.sleep(20 if full_size else 4)
    shop.everywhere(shop.is_current, *PAGES)
    record_property("figures", customers.in_words())
    assert_the_menu_was_served(customers)
    assert customers.slowest_s()["page"] < AT_ONCE_S * PATIENCE


def wait_until_normal(shop: Shop) -> float:
    """Change the price, block until every page shows it and an order is charged it; return the seconds it took."""
    started = time.monotonic()
    amount = shop.change_price()
    shop.everywhere(shop.is_current, *PAGES)
    after_s(lambda: shop.order().status == 201)
    normal_s = time.monotonic() - started
    assert shop.order().body["total_price"] == float(amount)
    return normal_s


def assert_the_menu_was_served(customers: Customers) -> None:
    """Assert that every page was 200, and that each order was charged a price in force or got 503 and Retry-After."""
    assert {answer.status for answer in customers.answers} == {200}
    assert {answer.status for answer in customers.order_answers + customers.lists} <= {200, 201, 503}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refusals(customers))
    assert customers.wrongly_charged() == []


def refusals(customers: Customers) -> list[Answer]:
    return [answer for answer in customers.order_answers + customers.lists if answer.status == 503]


def last_refusal(customers: Customers) -> float:
    return max((answer.answered_at for answer in refusals(customers)), default=0)


def is_answered(paths: set[str], answers: list[Answer]) -> bool:
    return {answer.path for answer in answers} == paths


def old_ones(began: float, ended: float, answers: list[Answer]) -> list[Answer]:
    """Return the answers that must say their age."""
    return [answer for answer in answers if answer.asked_at > began + MARKED_AFTER_S and answer.answered_at < ended]


def assert_marked_while(began: float, ended: float, answers: list[Answer]) -> None:
    """Assert that each page is marked with its age from MARKED_AFTER_S after the last poll of the database on, and
    not before."""
    fresh = [answer for answer in answers if answer.answered_at < began + MARKED_AFTER_S - LOOK_S]
    old = old_ones(began, ended, answers)
    assert is_answered(set(PAGES), fresh)
    assert is_answered(set(PAGES), old)
    assert {answer.age_s for answer in fresh} == {None}
    for answer in old:
        away_s = answer.asked_at - began
        assert answer.age_s is not None
        assert away_s - 1 < answer.age_s < away_s + LOOK_S + 1  # the age is in whole seconds


# An instance that starts during the outage


def is_marked(answer: Answer) -> bool:
    return answer.status == 200 and answer.age_s is not None


@pytest.mark.only_full
def test_a_cafe_that_starts_without_its_database_serves_the_last_menu_and_becomes_current_without_help(
    shop: Shop, record_property: Record
) -> None:
    shop.everywhere(shop.is_current, *PAGES)
    known = shop.prices[-1].amount
    with killed(shop):
        shop.cafe.restart()
        assert [answer.status for answer in shop.each(READY)] == [200] * 3
        assert {(answer.status, answer.price) for answer in shop.each(*PAGES)} == {(200, known)}
        marked_s = shop.everywhere(is_marked, *PAGES)
        assert {(answer.status, answer.price) for answer in shop.each(*PAGES)} == {(200, known)}
        refused = shop.order()
        assert refused.status == 503
        assert int(refused.headers["Retry-After"]) > 0
    normal_s = wait_until_normal(shop)
    record_property("figures", f"marked after {marked_s:.1f} s, normal after {normal_s:.1f} s")
    assert marked_s < MARKED_AFTER_S * PATIENCE
    assert normal_s < NORMAL_WITHIN_S * PATIENCE


@pytest.mark.only_full
def test_a_price_changed_while_the_cafe_started_without_its_database_is_shown_and_charged_when_it_is_back(
    shop: Shop, record_property: Record
) -> None:
    shop.everywhere(shop.is_current, *PAGES)
    known = shop.prices[-1].amount
    with cut_off(shop):
        shop.cafe.restart()
        changed = shop.change_price()
        shop.everywhere(is_marked, *PAGES)
        assert {answer.price for answer in shop.each(*PAGES)} == {known}
    charged = shop.order()
    assert (charged.status, charged.body["total_price"]) == (201, float(changed))
    normal_s = shop.everywhere(shop.is_current, *PAGES)
    record_property("figures", f"normal after {normal_s:.1f} s")
    assert normal_s < NORMAL_WITHIN_S * PATIENCE


@pytest.mark.only_full
def test_a_cafe_that_starts_without_its_database_and_with_an_empty_redis_is_not_ready_until_the_database_is_back(
    shop: Shop, record_property: Record
) -> None:
    with killed(shop):
        shop.redis_client.flushall()
        shop.cafe.waits_for = ALIVE
        shop.cafe.restart()
        shop.cafe.waits_for = READY
        for answer in shop.each(READY, *PAGES, ORDERS):
            assert answer.status == 503, answer
            assert answer.path == READY or int(answer.headers["Retry-After"]) > 0
    normal_s = wait_until_normal(shop)
    assert [answer.status for answer in shop.each(READY)] == [200] * 3
    record_property("figures", f"normal after {normal_s:.1f} s")
    assert normal_s < NORMAL_WITHIN_S * PATIENCE


# An outage of both


@pytest.mark.only_full
def test_the_menu_is_served_from_memory_when_redis_goes_after_the_database(
    shop: Shop, record_property: Record
) -> None:
    with Customers(shop) as customers:
        with killed(shop):
            time.sleep(1)
            with redis_killed(shop):
                shop.everywhere(is_marked, *PAGES)
        back_at = time.monotonic()
        normal_s = wait_until_normal(shop)
    normal_s = max(normal_s, last_refusal(customers) - back_at)
    shop.newest_orders_are_kept()
    record_property("figures", f"{customers.in_words()}; normal after {normal_s:.1f} s")
    assert_the_menu_was_served(customers)
    assert normal_s < NORMAL_WITHIN_S * PATIENCE


# A race with the end of the outage


@pytest.mark.only_full
@pytest.mark.parametrize("path", ["/en/", "/api/menu"])
def test_a_page_that_is_made_while_the_database_comes_back_is_not_kept_as_a_current_one(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    held = CachedValue(Version("epoch", 1), Menu(()), age_s=60)
    monkeypatch.setattr(MENU, "held", held)
    monkeypatch.setattr(MENU, "poller", threading.current_thread())
    django = WSGIHandler()
    django.load_middleware()
    make = django.get_response

    def make_until_it_is_back(request: WSGIRequest) -> HttpResponseBase:
        response = make(request)
        held.seen()
        return response

    monkeypatch.setattr(django, "get_response", make_until_it_is_back)
    pages = PageCache(django, otherwise=django)
    assert "Age" in headers(pages, path)
    assert "Age" not in headers(pages, path)


def headers(pages: PageCache, path: str) -> dict[str, str]:
    told: list[tuple[str, str]] = []
    pages(plain_request(path).environ, lambda _status, headers: told.extend(headers))
    return dict(told)
