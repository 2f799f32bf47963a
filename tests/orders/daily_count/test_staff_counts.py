"""Counts set by staff beside the daily reset."""

import pytest

from menu.models import Item
from orders import services
from orders.audit import check_books
from orders.errors import Invalid, SoldOut
from tests.harness.factories import barista, croissant, nothing_written, order, wanted
from tests.orders.daily_count.clock import MONDAY, SUNDAY, Clock, moves, stock
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]


def test_a_count_set_while_the_reset_is_due_is_todays(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=3))
    clock.next_morning()
    services.set_stock(item=roll, available=8, reason="counted", actor=barista())
    assert stock() == (8, 5, MONDAY)
    assert moves()[2:] == [(6, "counted")]
    order(wanted(roll))
    assert stock() == (7, 5, MONDAY)
    assert moves()[3:] == [(-1, "ordered")]
    assert check_books() == []


def test_a_count_set_to_what_was_left_yesterday_stays_that(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=3))
    clock.next_morning()
    services.set_stock(item=roll, available=2, reason="counted")
    assert stock() == (2, 5, MONDAY)
    assert moves() == [(5, "baked"), (-3, "ordered"), (0, "counted")]
    assert check_books() == []


def test_what_is_added_while_the_reset_is_due_comes_on_top_of_the_morning(roll: Item, clock: Clock) -> None:
    order(wanted(roll, quantity=3))
    clock.next_morning()
    services.restock(item=roll, quantity=4, reason="baked", actor=barista())
    assert stock() == (9, 5, MONDAY)
    assert moves()[2:] == [(7, "baked")]
    order(wanted(roll))
    assert stock() == (8, 5, MONDAY)
    assert check_books() == []


def test_a_count_keeps_its_morning_until_told_otherwise(roll: Item) -> None:
    services.set_stock(item=roll, available=3, reason="counted")
    assert stock() == (3, 5, SUNDAY)
    services.set_stock(item=roll, available=3, daily=7, reason="counted")
    assert stock() == (3, 7, SUNDAY)
    services.set_stock(item=roll, available=3, daily=None, reason="counted")
    assert stock() == (3, None, SUNDAY)


def test_a_morning_changed_today_counts_from_tomorrow(roll: Item, clock: Clock) -> None:
    services.set_stock(item=roll, available=1, daily=9, reason="counted")
    with pytest.raises(SoldOut):
        order(wanted(roll, quantity=2))
    clock.next_morning()
    order(wanted(roll, quantity=9))
    assert stock() == (0, 9, MONDAY)


@pytest.mark.parametrize("count", [{"available": -1}, {"available": 1_000_001}, {"available": 1, "daily": -1}])
def test_what_is_no_count_is_refused(roll: Item, count: dict[str, int]) -> None:
    with nothing_written(), pytest.raises(Invalid):
        services.set_stock(item=roll, reason="counted", **count)


@pytest.mark.parametrize("quantity", [0, -1, 999_996])
def test_what_cannot_be_added_is_refused(roll: Item, quantity: int) -> None:
    with nothing_written(), pytest.raises(Invalid):
        services.restock(item=roll, quantity=quantity, reason="baked")


def test_nothing_is_added_to_what_nobody_counts() -> None:
    item = croissant()
    with nothing_written(), pytest.raises(Invalid):
        services.restock(item=item, quantity=1, reason="baked")
