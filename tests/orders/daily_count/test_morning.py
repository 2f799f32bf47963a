"""Daily counts reset each morning without a timer: a count that is due reads as full; its first claim writes it."""

from datetime import UTC, datetime, timedelta

import pytest

from menu.catalogue.current import current_menu
from menu.models import Item
from orders import selectors, services
from orders.audit import check_books
from orders.errors import SoldOut
from orders.models import StockMove
from tests.harness.factories import barista, croissant, nothing_written, order, wanted
from tests.orders.daily_count.clock import MONDAY, SUNDAY, TUESDAY, Clock, moves, stock
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]


def is_sold_out(item: Item) -> bool:
    assert (item.pk in selectors.sold_out_item_ids()) == current_menu().item_with_id(item.pk).sold_out  # type: ignore[union-attr]
    return item.pk in selectors.sold_out_item_ids()


# The morning


def test_the_first_claim_of_a_day_writes_the_reset_and_the_next_only_its_own(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=3))
    assert stock() == (2, 5, SUNDAY)
    clock.next_morning()
    assert stock() == (2, 5, SUNDAY)
    order(wanted(roll, quantity=2))
    assert stock() == (3, 5, MONDAY)
    assert moves() == [(5, "baked"), (-3, "ordered"), (3, "reset"), (-2, "ordered")]
    order(wanted(roll))
    assert stock() == (2, 5, MONDAY)
    assert moves()[4:] == [(-1, "ordered")]
    assert check_books() == []


def test_the_reset_belongs_to_nobody(roll: Item, clock: Clock) -> None:
    clock.next_morning()
    placed = order(wanted(roll))
    reset, claim = StockMove.objects.order_by("pk")[1:]
    assert (reset.order, reset.actor, reset.delta) == (None, None, 0)
    assert (claim.order, claim.actor, claim.delta) == (placed, None, -1)


def test_what_was_added_yesterday_is_gone_in_the_morning(roll: Item, clock: Clock) -> None:
    services.restock(item=roll, quantity=4, reason="baked")
    clock.next_morning()
    order(wanted(roll))
    assert stock() == (4, 5, MONDAY)
    assert moves() == [(5, "baked"), (4, "baked"), (-4, "reset"), (-1, "ordered")]
    assert check_books() == []


def test_sold_out_yesterday_is_on_sale_in_the_morning(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=5))
    assert is_sold_out(roll)
    with nothing_written(), pytest.raises(SoldOut):
        order(wanted(roll))
    clock.next_morning()
    with nothing_written():
        assert not is_sold_out(roll)
    order(wanted(roll, quantity=5))
    assert is_sold_out(roll)
    assert stock() == (0, 5, MONDAY)
    assert check_books() == []


def test_none_each_morning_is_sold_out_in_the_morning(roll: Item, clock: Clock) -> None:
    services.set_stock(item=roll, available=2, daily=0, reason="the last ones")
    assert not is_sold_out(roll)
    clock.next_morning()
    assert is_sold_out(roll)
    with nothing_written(), pytest.raises(SoldOut) as refusal:
        order(wanted(roll))
    assert [shortage.left for shortage in refusal.value.shortages] == [0]


def test_more_than_a_morning_holds_is_refused_and_writes_no_reset(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=4))
    clock.next_morning()
    with nothing_written(), pytest.raises(SoldOut) as refusal:
        order(wanted(roll, quantity=6))
    assert [shortage.left for shortage in refusal.value.shortages] == [5]


def test_days_without_an_order_are_one_reset(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=3))
    clock.next_morning()
    clock.next_morning()
    order(wanted(roll))
    assert stock() == (4, 5, TUESDAY)
    assert moves()[2:] == [(3, "reset"), (-1, "ordered")]


def test_the_day_begins_at_midnight_in_the_cafes_own_zone(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=5))
    clock.now = datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)  # 23:59:59 on Sunday
    assert is_sold_out(roll)
    clock.now += timedelta(seconds=1)
    assert not is_sold_out(roll)
    assert order(wanted(roll)).business_day == MONDAY
    assert stock() == (4, 5, MONDAY)


def test_a_count_without_a_morning_goes_on_from_day_to_day(clock: Clock) -> None:
    beans = croissant(stock=3)
    order(wanted(beans, quantity=2))
    clock.next_morning()
    assert not is_sold_out(beans)
    order(wanted(beans))
    assert is_sold_out(beans)
    clock.next_morning()
    assert is_sold_out(beans)
    assert moves() == [(3, "counted"), (-2, "ordered"), (-1, "ordered")]
    assert check_books() == []


# A cancel after the daily reset


def test_yesterdays_order_gives_nothing_back_after_the_reset(roll: Item, clock: Clock) -> None:
    yesterdays = order(wanted(roll, quantity=2))
    clock.next_morning()
    order(wanted(roll))
    before = moves()
    services.cancel_order(order=yesterdays)
    assert stock() == (4, 5, MONDAY)
    assert moves() == before
    assert check_books() == []


def test_yesterdays_order_gives_nothing_back_while_the_reset_is_due(roll: Item, clock: Clock) -> None:
    yesterdays = order(wanted(roll, quantity=2))
    clock.next_morning()
    services.cancel_order(order=yesterdays, actor=barista(), restock=True)
    assert stock() == (3, 5, SUNDAY)
    assert moves() == [(5, "baked"), (-2, "ordered")]
    order(wanted(roll))
    assert stock() == (4, 5, MONDAY)
    assert check_books() == []


def test_yesterdays_order_gives_nothing_back_to_what_was_counted_this_morning(roll: Item, clock: Clock) -> None:
    yesterdays = order(wanted(roll, quantity=2))
    clock.next_morning()
    services.set_stock(item=roll, available=8, reason="counted")
    services.cancel_order(order=yesterdays)
    assert stock() == (8, 5, MONDAY)
    assert check_books() == []


def test_yesterdays_order_gives_back_to_a_count_that_goes_on(clock: Clock) -> None:
    yesterdays = order(wanted(croissant(stock=3), quantity=2))
    clock.next_morning()
    services.cancel_order(order=yesterdays)
    assert moves() == [(3, "counted"), (-2, "ordered"), (2, "cancelled")]
    assert check_books() == []


def test_todays_order_gives_back_after_the_reset_it_wrote(roll: Item, clock: Clock) -> None:
    clock.next_morning()
    todays = order(wanted(roll, quantity=2))
    services.cancel_order(order=todays)
    assert stock() == (5, 5, MONDAY)
    assert moves()[1:] == [(0, "reset"), (-2, "ordered"), (2, "cancelled")]
    assert check_books() == []
