"""A restored order claims again the stock that it gave back, from the current counts; `check_books` finds nothing."""

import pytest

from orders import services
from orders.audit import check_books
from orders.errors import NotAllowedNow, SoldOut
from orders.models import Order, OrderLine, Stock, StockMove
from tests.harness.factories import barista, croissant, item, latte, nothing_written, order, wanted
from tests.orders.examples import books_in_this_transaction  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]


def moves(placed: Order) -> list[tuple[int, str]]:
    return list(StockMove.objects.filter(order=placed).order_by("pk").values_list("delta", "reason"))


def left() -> int:
    return Stock.objects.get().available


def test_a_cancel_and_a_return_may_follow_each_other_again_and_again() -> None:
    placed = order(wanted(croissant(stock=5), quantity=2))
    for _time in range(2):
        services.cancel_order(order=placed)
        assert left() == 5
        services.restore_order(order=placed, actor=barista())
        assert left() == 3
        assert check_books() == []
    assert moves(placed) == [
        (-2, "ordered"),
        (2, "cancelled"),
        (-2, "restored"),
        (2, "cancelled"),
        (-2, "restored"),
    ]
    assert StockMove.objects.filter(reason="restored").first().actor == barista()  # type: ignore[union-attr]


def test_what_was_waste_is_not_claimed_twice() -> None:
    placed = order(wanted(croissant(stock=5), quantity=2))
    services.advance_order(order=placed)
    services.cancel_order(order=placed, actor=barista(), restock=False)
    services.restore_order(order=placed, actor=barista())
    assert (placed.status, left(), moves(placed)) == ("pending", 3, [(-2, "ordered")])
    assert check_books() == []


def test_every_shortage_is_named_and_nothing_is_written() -> None:
    roll, tart = croissant(stock=5), item("tart", stock=5, name_en="Tart")
    placed = order(wanted(roll, quantity=2), wanted(tart, quantity=3), wanted(roll))
    services.cancel_order(order=placed)
    services.set_stock(item=roll, available=2, reason="sold")
    services.set_stock(item=tart, available=0, reason="sold")
    with nothing_written(), pytest.raises(SoldOut) as refused:
        services.restore_order(order=placed, actor=barista())
    assert {(one.slug, one.left) for one in refused.value.shortages} == {("croissant", 2), ("tart", 0)}


def test_an_item_that_nobody_counts_any_more_comes_back_uncounted() -> None:
    roll = croissant(stock=5)
    placed = order(wanted(roll, quantity=2))
    services.cancel_order(order=placed)
    services.set_stock(item=roll, available=None, reason="enough")
    services.restore_order(order=placed, actor=barista())
    assert not OrderLine.objects.get().was_counted
    assert check_books() == []
    services.set_stock(item=roll, available=4, reason="counted")
    services.cancel_order(order=placed, actor=barista())
    assert left() == 4
    services.restore_order(order=placed, actor=barista())
    assert left() == 4
    assert check_books() == []


def test_a_count_begun_anew_in_between_is_claimed_from_and_given_back_to() -> None:
    roll = croissant(stock=5)
    placed = order(wanted(roll, quantity=2))
    services.cancel_order(order=placed)
    services.set_stock(item=roll, available=None, reason="stop")
    services.set_stock(item=roll, available=9, reason="new tray")
    services.restore_order(order=placed, actor=barista())
    assert left() == 7
    services.cancel_order(order=placed, actor=barista())
    assert left() == 9
    assert check_books() == []


def test_what_nobody_counted_comes_back_without_a_claim() -> None:
    roll = croissant()
    placed = order(wanted(latte(), "Small"), wanted(roll))
    services.cancel_order(order=placed)
    services.set_stock(item=roll, available=0, reason="sold out now")
    services.restore_order(order=placed, actor=barista())
    assert (placed.status, moves(placed)) == ("pending", [])
    assert check_books() == []


def test_a_no_show_comes_back_with_what_it_still_holds() -> None:
    placed = order(wanted(croissant(stock=5), quantity=2))
    for _step in range(2):
        services.advance_order(order=placed)
    services.mark_no_show(order=placed)
    services.restore_order(order=placed, actor=barista())
    assert (placed.status, left(), moves(placed)) == ("ready", 3, [(-2, "ordered")])
    assert check_books() == []


@pytest.mark.parametrize("status", ["pending", "preparing", "ready", "completed"])
def test_what_has_not_ended_cannot_come_back(status: str) -> None:
    placed = order()
    Order.objects.update(status=status)
    placed.refresh_from_db()
    with nothing_written(), pytest.raises(NotAllowedNow):
        services.restore_order(order=placed, actor=barista())
