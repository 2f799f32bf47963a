"""Random orders: each total is exact to the cent, and never negative."""

import json
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from hypothesis import strategies as st

from menu.catalogue.current import current_menu
from menu.models import Item
from orders.cart.review import review_cart
from orders.models import Order
from orders.services import place_order
from tests.harness.factories import nothing_written
from tests.orders.examples import books_in_this_transaction, tried  # noqa: F401 - a fixture
from tests.orders.random_money.baskets import Drink, Line, Shop, assert_placed, baskets, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]


def test_a_total_is_the_sum_in_cents_and_never_negative(size: Callable[[int], int]) -> None:
    @tried(size(3000), basket=baskets())
    def each_total_is_exact(basket: tuple[list[Drink], list[Line]]) -> None:
        shop = Shop(*basket)
        placed = place_order(lines=[line.wanted for line in shop.lines], customer_name="王芳")
        assert placed.total == shop.total
        assert_placed(placed, shop)


def test_the_cart_shows_the_total_that_is_charged(size: Callable[[int], int]) -> None:
    @tried(size(1000), basket=baskets())
    def each_review_agrees(basket: tuple[list[Drink], list[Line]]) -> None:
        shop = Shop(*basket)
        review = review_cart(shop.cart(), current_menu())
        assert review.changes == ()
        assert review.total == shop.total == review.cart.shown_total
        lines = [line.wanted for line in review.cart.lines]
        assert_placed(place_order(lines=lines, customer_name="王芳", expected_total=review.total), shop)


written_totals = st.one_of(
    st.sampled_from(
        ["18", "18.0", "18.00", "18.000", "1e2", "1.8E+1", "0", "-0", "-0.0", "0.30000000000000004", "1e-9"]
    ),
    st.sampled_from(["9999999999.99", "9999999999.999999999999999999999999999999999", "1e9", "1E-400", "0.005"]),
    st.integers(0, 10**10 - 1).map(str),
    st.floats(0, 10**9).map(repr),
    st.integers(0, 10**6).map(written),
)


def post(shop: Shop, total_price: str) -> HttpResponse:
    return Client().post("/api/orders", shop.body(total_price), content_type="application/json")


def exact(response: HttpResponse) -> Any:
    """Return the answer's JSON with its numbers as Decimals, not as floats."""
    return json.loads(response.content, parse_float=Decimal, parse_int=Decimal)


# Totals as API clients write them


def test_a_program_is_told_the_right_total_whatever_it_sent(size: Callable[[int], int]) -> None:
    @tried(size(1000), basket=baskets(), sent=written_totals)
    def each_is_placed_or_told(basket: tuple[list[Drink], list[Line]], sent: str) -> None:
        shop = Shop(*basket)
        if Decimal(sent).quantize(Decimal("0.01"), ROUND_HALF_UP) != shop.total:
            with nothing_written():
                refused = post(shop, sent)
            assert refused.status_code == 409
            assert exact(refused)["error"]["code"] == "price_changed"
            right = exact(refused)["error"]["fields"]["total_price"]
            assert right == shop.total
            sent = str(right)
        placed = post(shop, sent)
        assert placed.status_code == 201
        assert exact(placed)["total_price"] == shop.total
        assert_placed(Order.objects.get(), shop)


def test_a_total_computed_in_floats_is_right_when_it_is_right_to_the_cent() -> None:
    for cents, sent, status in (
        (30, "0.3", 201),
        (30, "0.30000000000000004", 201),  # 0.1 + 0.2 as JavaScript adds them
        (30, "0.304", 201),
        (30, "0.306", 409),
        (10_000, "1e2", 201),
        (10_000, "100.000", 201),
        (1_800, "18", 201),
    ):
        Item.objects.all().delete()
        assert post(Shop([Drink(cents, (0,), ())], [Line(0, 0, frozenset(), 1)]), sent).status_code == status
