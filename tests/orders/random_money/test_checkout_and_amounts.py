"""Totals on the checkout page, and how amounts are written."""

import json
import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client
from django.utils.html import escape
from hypothesis import strategies as st

from menu.api import number
from menu.money import money
from orders.cart.cookie import SALT, Cart
from orders.models import Order
from tests.harness.factories import nothing_written
from tests.orders.examples import books_in_this_transaction, tried  # noqa: F401 - a fixture
from tests.orders.random_money.baskets import Drink, Line, Shop, assert_placed, baskets, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]


def checkout(cart: Cart, **fields: str) -> HttpResponse:
    client = Client()
    kept = [[line.item_id, line.option_ids, line.quantity, str(line.shown_price)] for line in cart.lines]
    client.cookies["cart"] = signing.dumps([cart.key, *kept], salt=SALT)
    form = {"customer_name": "王芳", "fulfilment": "here", "submission_key": cart.key} | fields
    headers = {"Origin": "http://testserver"}
    return client.post("/en/checkout/", form, headers=headers) if fields else client.get("/en/checkout/")


def shown(page: HttpResponse) -> tuple[str, str]:
    """Return the total that a checkout page shows, and the one that its form sends back."""
    html = page.content.decode()
    [amount] = re.findall(r'class="sum__amount">([^<]+)<', html)
    [sent] = re.findall(r'name="expected_total" value="([^"]+)"', html)
    return amount, sent


# Totals on the checkout page


def test_the_checkout_shows_the_total_that_it_charges(size: Callable[[int], int]) -> None:
    @tried(size(500), basket=baskets(), wrong=st.integers(0, 10**9).map(written))
    def each_page_is_right(basket: tuple[list[Drink], list[Line]], wrong: str) -> None:
        shop = Shop(*basket)
        cart = shop.cart()
        amount, sent = shown(checkout(cart))
        assert amount == escape(money(shop.total))
        assert Decimal(sent) == shop.total
        if Decimal(wrong) != shop.total:
            with nothing_written():
                refused = checkout(cart, expected_total=wrong)
            assert refused.status_code == 409
            assert shown(refused) == (amount, sent)
        assert checkout(cart, expected_total=sent).status_code == 302
        assert_placed(Order.objects.get(), shop)


# Amounts


def test_an_amount_comes_back_to_the_cent(size: Callable[[int], int]) -> None:
    @tried(size(20_000), cents=st.integers(-(10**12), 10**12))
    def each_comes_back(cents: int) -> None:
        amount = Decimal(written(cents))
        read = money(amount).replace("−", "-").replace("¥", "").replace(",", "")
        assert Decimal(read) == amount
        assert re.fullmatch(r"−?¥[0-9]{1,3}(,[0-9]{3})*(\.[0-9]{2})?", money(amount))
        assert Decimal(json.dumps(number(amount))) == amount


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "¥0"),
        ("0.05", "¥0.05"),
        ("25", "¥25"),
        ("25.5", "¥25.50"),
        ("-3", "−¥3"),
        ("1234567.89", "¥1,234,567.89"),
    ],
)
def test_an_amount_is_shown_with_its_cents_or_without_any(amount: str, shown: str) -> None:
    assert money(Decimal(amount)) == shown
