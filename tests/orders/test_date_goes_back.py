"""The date moves back: a fast clock or TIME_ZONE is corrected, or another instance is ahead. Orders still work."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from menu.models import Item
from orders import services
from orders.audit import check_books
from orders.errors import SoldOut
from orders.models import Order, Stock, StockMove
from tests.harness.factories import barista, croissant, nothing_written, order, wanted
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]

SATURDAY, SUNDAY, MONDAY = date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)
A_DAY = timedelta(days=1)
STOCK = "/admin/orders/stock/"


class Clock:
    now = datetime(2026, 3, 1, 1, tzinfo=UTC)  # Sunday, 09:00 in Shanghai


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def roll(clock: Clock) -> Item:
    """A daily count of five croissants, set on Saturday; one was sold on Sunday while the clock said Monday."""
    clock.now -= A_DAY
    made = croissant()
    services.set_stock(item=made, available=5, daily=5, reason="baked")
    clock.now += 2 * A_DAY
    order(wanted(made))
    clock.now -= A_DAY
    return made


def stock() -> tuple[int, int | None, date]:
    row = Stock.objects.get()
    return row.available, row.daily, row.counted_on


def moves() -> list[tuple[int, str]]:
    return list(StockMove.objects.order_by("pk").values_list("delta", "reason"))


def staff(language: str = "en") -> Client:
    client = Client(headers={"Origin": "http://testserver", "accept-language": language})
    client.force_login(barista())
    return client


def test_orders_go_on_after_a_clock_was_a_day_fast(roll: Item, client: Client) -> None:
    answer = client.post(
        "/api/orders",
        json.dumps({"customer_name": "王芳", "coffee_type": "黄油可颂", "quantity": 2}),
        content_type="application/json",
    )
    assert answer.status_code == 201
    assert stock() == (2, 5, MONDAY)
    assert Order.objects.latest("pk").business_day == SUNDAY
    assert check_books() == []


def test_orders_go_on_after_the_time_zone_is_corrected(clock: Clock) -> None:
    made = croissant()
    clock.now = datetime(2026, 3, 1, 11, tzinfo=UTC)  # Monday in Auckland, Sunday in Shanghai
    with override_settings(TIME_ZONE="Pacific/Auckland"):
        services.set_stock(item=made, available=5, daily=5, reason="baked")
        assert stock() == (5, 5, MONDAY)
    assert order(wanted(made)).business_day == SUNDAY
    assert stock() == (4, 5, MONDAY)
    assert check_books() == []


def test_what_was_reset_early_is_not_reset_again_when_its_day_comes(roll: Item, clock: Clock) -> None:
    order(wanted(roll))
    clock.now += A_DAY
    order(wanted(roll))
    assert stock() == (2, 5, MONDAY)
    assert moves()[1:] == [(0, "reset"), (-1, "ordered"), (-1, "ordered"), (-1, "ordered")]
    clock.now += A_DAY
    order(wanted(roll))
    assert stock() == (4, 5, date(2026, 3, 3))
    assert check_books() == []


def test_what_is_left_of_it_can_be_sold_and_no_more(roll: Item) -> None:
    order(wanted(roll, quantity=4))
    with nothing_written(), pytest.raises(SoldOut) as refusal:
        order(wanted(roll))
    assert [shortage.left for shortage in refusal.value.shortages] == [0]


def test_an_order_gives_back_to_the_count_that_it_claimed_from(roll: Item) -> None:
    """The count's start is dated tomorrow, later than the order."""
    placed = order(wanted(roll, quantity=2))
    services.cancel_order(order=placed)
    assert stock() == (4, 5, MONDAY)
    assert moves()[-1] == (2, "cancelled")
    assert check_books() == []


def test_an_order_of_the_count_before_gives_nothing_back(clock: Clock) -> None:
    made = croissant()
    services.set_stock(item=made, available=5, daily=5, reason="baked")
    placed = order(wanted(made, quantity=2))
    clock.now += A_DAY
    order(wanted(made))
    clock.now -= A_DAY
    services.cancel_order(order=placed)
    assert stock() == (4, 5, MONDAY)
    assert check_books() == []


def test_an_order_of_the_release_before_gives_back_by_its_time(clock: Clock) -> None:
    made = croissant(stock=5)
    placed = order(wanted(made, quantity=2))
    StockMove.objects.update(counting_since=None)
    services.cancel_order(order=placed)
    assert Stock.objects.get().available == 5


@pytest.mark.parametrize("quantity", [None, 3])
def test_an_instance_that_is_behind_does_not_put_the_day_of_a_count_back(
    roll: Item, clock: Clock, quantity: int | None
) -> None:
    """Otherwise the instance that is ahead would reset the count again: five croissants that nobody baked."""
    if quantity:
        services.restock(item=roll, quantity=quantity, reason="baked")
    else:
        services.set_stock(item=roll, available=4, reason="counted")
    clock.now += A_DAY
    order(wanted(roll))
    assert stock() == (4 - 1 + (quantity or 0), 5, MONDAY)
    assert check_books() == []


def test_staff_take_the_count_as_todays_and_the_next_morning_it_is_full(roll: Item, clock: Clock) -> None:
    address = f"{STOCK}{Stock.objects.get().pk}/change/"
    page = staff().get(address).content.decode()
    assert 'name="is_todays"' in page
    form = {"item": roll.pk, "how": "set", "available": 4, "shown": 4, "daily": 5, "reason": "counted"}
    assert staff().post(address, form | {"is_todays": "on"}).status_code == 302
    assert stock() == (4, 5, SUNDAY)
    assert 'name="is_todays"' not in staff().get(address).content.decode()
    clock.now += A_DAY
    order(wanted(roll))
    assert stock() == (4, 5, MONDAY)
    assert check_books() == []


# Warnings to staff


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "A daily count is for a day still to come"), ("zh-hans", "有每日数量记在还没到的日期上")],
)
def test_the_bar_is_told_in_words(roll: Item, clock: Clock, language: str, words: str) -> None:
    assert words in staff(language).get("/admin/bar/").content.decode()
    clock.now += A_DAY
    assert words not in staff(language).get("/admin/bar/").content.decode()


def test_a_bar_without_a_ticket_is_told_too(roll: Item) -> None:
    for placed in Order.objects.all():
        services.cancel_order(order=placed)
    assert "A daily count is for a day still to come" in staff().get("/admin/bar/").content.decode()


@pytest.mark.parametrize("page", [STOCK, "a count"])
def test_the_pages_of_counts_say_which_count_it_is(roll: Item, page: str) -> None:
    address = STOCK if page == STOCK else f"{STOCK}{Stock.objects.get().pk}/change/"
    words = "Butter Croissant is counted for 2 Mar 2026, but today is 1 Mar 2026"
    assert words in staff().get(address).content.decode()


def test_two_clocks_around_midnight_are_no_alarm(roll: Item, clock: Clock) -> None:
    clock.now = datetime(2026, 3, 1, 15, 56, tzinfo=UTC)  # Sunday, 23:56
    assert "A daily count" not in staff().get("/admin/bar/").content.decode()


@pytest.mark.django_db(databases=["default", "poller"], transaction=True)
def test_the_full_health_check_is_degraded_and_says_why(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def counts() -> tuple[int, Any]:
        with override_settings(HEALTH_FULL_FROM=["127.0.0.1/32"]):
            answer = client.get("/health/full/")
        return answer.status_code, answer.json()["checks"]["counts"]

    made = croissant()
    services.set_stock(item=made, available=5, daily=5, reason="baked")
    assert counts()[1]["status"] == "ok"
    Stock.objects.update(counted_on=MONDAY)
    status, check = counts()
    assert (status, check["status"]) == (200, "failing")
    assert "daily counts of a day to come: 1, up to 2026-03-02; here it is 2026-03-01" in check["detail"]
