"""`services.place_order`: one transaction, prices read from the database, stock claimed by conditional UPDATE."""

import re
from decimal import Decimal

import pytest

from menu.models import Item, Option
from orders.errors import SoldOut
from orders.models import Order, OrderEvent, Stock
from tests.harness.factories import americano, croissant, item, latte, nothing_written, option, order, wanted
from tests.orders.place_order.rows import left

pytestmark = pytest.mark.django_db


def moves_of(placed: Order) -> list[tuple[int, int, str]]:
    return list(placed.stock_moves.order_by("pk").values_list("item_id", "delta", "reason"))


# What is written


def test_an_order_is_pending_and_unpaid_with_its_event() -> None:
    placed = order(customer_name="王芳", phone="+8613800138000", note="少冰", fulfilment="here", language="en")
    placed.refresh_from_db()
    assert (placed.status, placed.payment_status) == ("pending", "unpaid")
    assert (placed.customer_name, placed.phone, placed.note) == ("王芳", "+8613800138000", "少冰")
    assert (placed.fulfilment, placed.language) == ("here", "en")
    assert placed.submission_key.startswith("own-"), "one of our own, to look the order up by"
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", placed.token)
    event = OrderEvent.objects.get()
    assert (event.order_id, event.from_status, event.to_status, event.actor) == (placed.pk, "", "pending", None)
    assert event.at == placed.placed_at == placed.moved_at


def test_lines_copy_names_options_and_prices() -> None:
    drink = latte()
    placed = order(wanted(drink, "Vanilla", "Large", quantity=2))
    line = placed.lines.get()
    large, vanilla = option(drink, "Large"), option(drink, "Vanilla")
    Item.objects.update(name_en="Other", name_zh_hans="别的", slug="other", price="1")
    Option.objects.update(name_en="Other", name_zh_hans="别的")
    line.refresh_from_db()
    assert (line.item_id, line.item_slug, line.name_en, line.name_zh_hans) == (drink.pk, "latte", "Latte", "拿铁")
    assert (line.unit_price, line.quantity, line.was_counted) == (Decimal("34.00"), 2, False)
    assert line.options == [
        {"id": large.pk, "name_en": "Large", "name_zh_hans": "大杯", "price_delta": "6.00"},
        {"id": vanilla.pk, "name_en": "Vanilla", "name_zh_hans": "香草", "price_delta": "3.00"},
    ]


def test_the_total_is_the_sum_of_the_lines() -> None:
    placed = order(wanted(latte(), "Large", quantity=3), wanted(croissant(price="0.10"), quantity=3))
    assert placed.total == Decimal("93.30")
    assert placed.total == sum(line.unit_price * line.quantity for line in placed.lines.all())


def test_the_price_is_the_databases_of_this_moment() -> None:
    drink = latte()
    Item.objects.update(price="30.00")
    Option.objects.filter(name_en="Large").update(price_delta="7.50")
    assert order(wanted(drink, "Large")).total == Decimal("37.50")


def test_a_discount_never_makes_a_price_negative() -> None:
    drink = latte(price="2.00")
    Option.objects.filter(name_en="Large").update(price_delta="-5.00")
    assert order(wanted(drink, "Large")).total == 0


# Stock


def test_counted_items_are_claimed_with_one_move_each() -> None:
    roll, drink = croissant(stock=5), americano(stock=9)
    placed = order(wanted(roll, quantity=2), wanted(drink))
    assert (left(roll), left(drink)) == (3, 8)
    assert sorted(moves_of(placed)) == sorted([(roll.pk, -2, "ordered"), (drink.pk, -1, "ordered")])
    assert all(line.was_counted for line in placed.lines.all())


def test_an_item_that_nobody_counts_leaves_no_move() -> None:
    placed = order(wanted(americano()))
    assert moves_of(placed) == []
    assert not placed.lines.get().was_counted
    assert not Stock.objects.exists()


def test_two_lines_of_one_item_are_one_need() -> None:
    drink = latte(stock=3)
    placed = order(wanted(drink, "Small", quantity=2), wanted(drink, "Large"))
    assert left(drink) == 0
    assert moves_of(placed) == [(drink.pk, -3, "ordered")]


def test_two_lines_that_are_too_many_together_are_sold_out() -> None:
    drink = latte(stock=2)
    lines = [wanted(drink, "Small"), wanted(drink, "Large", quantity=2)]
    with nothing_written(), pytest.raises(SoldOut) as refused:
        order(*lines)
    assert [(one.item_id, one.left) for one in refused.value.shortages] == [(drink.pk, 2)]


def test_the_last_one_is_sold_once() -> None:
    roll = croissant(stock=1)
    order(wanted(roll))
    assert left(roll) == 0
    with nothing_written(), pytest.raises(SoldOut):
        order(wanted(roll))


def test_every_shortage_is_reported() -> None:
    roll, drink, cake = croissant(stock=1), americano(stock=0), item("cake", stock=9)
    lines = [wanted(roll, quantity=2), wanted(drink), wanted(cake)]
    with nothing_written(), pytest.raises(SoldOut) as refused:
        order(*lines)
    assert {(one.item_id, one.left) for one in refused.value.shortages} == {(roll.pk, 1), (drink.pk, 0)}
    assert "1" in refused.value.message


def test_an_item_switched_off_is_sold_out() -> None:
    line = wanted(croissant(stock=5, is_available=False))
    with nothing_written(), pytest.raises(SoldOut):
        order(line)


def test_an_item_whose_required_options_are_all_gone_is_sold_out() -> None:
    line = wanted(latte(), "Small")
    Option.objects.filter(group__name_en="Size").update(is_available=False)
    with nothing_written(), pytest.raises(SoldOut):
        order(line)


def test_an_option_that_is_gone_is_sold_out() -> None:
    line = wanted(latte(), "Small", "Vanilla")
    Option.objects.filter(name_en="Vanilla").update(is_available=False)
    with nothing_written(), pytest.raises(SoldOut):
        order(line)
