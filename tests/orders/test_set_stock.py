"""`services.set_stock`, the one way to set a count: a count is always the sum of its moves."""

import pytest
from django.db.models import Sum

from menu.models import Item
from orders.errors import Invalid
from orders.models import Stock, StockMove
from orders.services import UNSET, cancel_order, set_stock
from tests.harness.factories import barista, croissant, item, nothing_written, order, wanted

pytestmark = pytest.mark.django_db


def deltas() -> list[int]:
    return list(StockMove.objects.order_by("pk").values_list("delta", flat=True))


def assert_sum_is_available(item: Item) -> None:
    moved = StockMove.objects.filter(item_id=item.pk).aggregate(sum=Sum("delta"))["sum"] or 0
    stock = Stock.objects.filter(item=item).first()
    assert moved == (stock.available if stock else 0)


def test_a_first_count_writes_its_move() -> None:
    roll, actor = croissant(), barista()
    stock = set_stock(item=roll, available=12, reason="baked", actor=actor)
    assert stock is not None
    assert (stock.item_id, stock.available) == (roll.pk, 12)
    move = StockMove.objects.get()
    assert (move.item_id, move.delta, move.reason, move.actor, move.order) == (roll.pk, 12, "baked", actor, None)
    assert_sum_is_available(roll)


def test_a_first_count_of_zero_is_sold_out_and_leaves_its_reason() -> None:
    roll, actor = croissant(), barista()
    set_stock(item=roll, available=0, reason="none today", actor=actor)
    assert Stock.objects.get().available == 0
    move = StockMove.objects.get()
    assert (move.item_id, move.delta, move.reason, move.actor) == (roll.pk, 0, "none today", actor)
    assert_sum_is_available(roll)


@pytest.mark.parametrize(("to", "delta"), [(20, 15), (3, -2), (0, -5), (1_000_000, 999_995)])
def test_another_count_writes_the_difference(to: int, delta: int) -> None:
    roll = croissant(stock=5)
    stock = set_stock(item=roll, available=to, reason="counted again")
    assert stock is not None
    assert stock.available == Stock.objects.get().available == to
    assert deltas() == [5, delta]
    assert_sum_is_available(roll)


def test_a_count_that_is_confirmed_leaves_its_reason() -> None:
    roll, actor = croissant(stock=5), barista()
    stock = set_stock(item=roll, available=5, reason="counted again", actor=actor)
    assert stock is not None
    assert stock.available == 5
    assert deltas() == [5, 0]
    assert (StockMove.objects.latest("pk").reason, StockMove.objects.latest("pk").actor) == ("counted again", actor)
    assert_sum_is_available(roll)


def test_another_daily_count_leaves_its_reason() -> None:
    roll, actor = croissant(stock=5), barista()
    set_stock(item=roll, available=UNSET, daily=20, reason="more guests", actor=actor)
    assert (Stock.objects.get().available, Stock.objects.get().daily) == (5, 20)
    assert deltas() == [5, 0]
    assert (StockMove.objects.latest("pk").reason, StockMove.objects.latest("pk").actor) == ("more guests", actor)
    assert_sum_is_available(roll)


def test_a_daily_count_alone_begins_counting_with_it() -> None:
    roll = croissant()
    stock = set_stock(item=roll, available=None, daily=20, reason="baked")
    assert stock is not None
    assert (stock.available, stock.daily) == (20, 20)
    assert deltas() == [20]
    assert_sum_is_available(roll)


def test_no_count_beside_a_daily_one_is_refused_for_what_is_counted() -> None:
    roll = croissant(stock=5)
    with nothing_written(), pytest.raises(Invalid):
        set_stock(item=roll, available=None, daily=20, reason="enough")


def test_none_stops_counting_and_writes_the_closing_move() -> None:
    roll, actor = croissant(stock=5), barista()
    assert set_stock(item=roll, available=None, reason="enough", actor=actor) is None
    assert not Stock.objects.exists()
    assert deltas() == [5, -5]
    assert StockMove.objects.latest("pk").actor == actor
    assert_sum_is_available(roll)


def test_none_for_a_count_of_zero_stops_counting() -> None:
    roll = croissant(stock=0)
    assert set_stock(item=roll, available=None, reason="enough", actor=barista()) is None
    assert not Stock.objects.exists()
    assert deltas() == [0, 0]
    assert (StockMove.objects.latest("pk").reason, StockMove.objects.latest("pk").actor) == ("enough", barista())
    assert_sum_is_available(roll)


def test_none_for_what_nobody_counts_writes_nothing() -> None:
    roll = croissant()
    with nothing_written():
        assert set_stock(item=roll, available=None, reason="enough") is None


@pytest.mark.parametrize("available", [-1, -(10**9), 1_000_001, 10**12])
def test_a_count_out_of_range_is_refused(available: int) -> None:
    roll = croissant(stock=5)
    with nothing_written(), pytest.raises(Invalid):
        set_stock(item=roll, available=available, reason="typo")


def test_counts_of_two_items_are_apart() -> None:
    roll, other = croissant(stock=5), item("cake", stock=7)
    set_stock(item=roll, available=None, reason="enough")
    assert Stock.objects.get().item_id == other.pk
    assert_sum_is_available(other)


def test_a_count_is_the_sum_of_its_moves_through_a_whole_day() -> None:
    roll = croissant(stock=10)
    first = order(wanted(roll, quantity=3))
    set_stock(item=roll, available=20, reason="baked")
    order(wanted(roll, quantity=4))
    cancel_order(order=first)
    assert Stock.objects.get().available == 19
    assert deltas() == [10, -3, 13, -4, 3]
    assert_sum_is_available(roll)
    set_stock(item=roll, available=None, reason="enough")
    set_stock(item=roll, available=2, reason="counted")
    assert_sum_is_available(roll)
