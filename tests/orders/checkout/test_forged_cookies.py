"""A cart or device cookie that the café did not sign is discarded."""

import time
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from orders.cart import cookie as carts
from tests.harness.factories import croissant, latte, nothing_written, option
from tests.orders.checkout.pages import add, lines, submit, text_of

pytestmark = pytest.mark.django_db


OTHER_CHARACTERS = "购物车".encode().decode("latin-1")  # a WSGI server decodes header bytes as Latin-1


def signed(*rows: Any, key: str = "k" * 22, salt: str = carts.SALT) -> str:
    return signing.dumps([key, *rows], salt=salt, compress=True)


@pytest.fixture
def forged() -> dict[str, str]:
    good = signed([latte().pk, [], 1, "0.01"])
    return {
        "garbage": "garbage",
        "empty parts": "::",
        "other characters": OTHER_CHARACTERS,
        "no signature": good.rpartition(":")[0],
        "another signature": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "another body": "x" + good,
        "another salt": signed([1, [], 1, "0.01"], salt=""),
        "a device's cookie": signing.dumps(["token"], salt="orders.device"),
        "a word": signing.dumps("cart", salt=carts.SALT),
        "a number": signing.dumps(1, salt=carts.SALT),
        "nothing": signing.dumps(None, salt=carts.SALT),
        "no key": signing.dumps([], salt=carts.SALT),
        "half a line": signed([1]),
        "a price that is none": signed([1, [], 1, "x"]),
        "options that are none": signed([1, 2, 1, "1"]),
    }


FORGED = [
    "garbage", "empty parts", "other characters", "no signature", "another signature", "another body", "another salt",
    "a device's cookie", "a number", "nothing", "no key", "half a line", "a price that is none",
    "options that are none",
]  # fmt: skip


@pytest.mark.few_cases(5)
@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_cart_is_thrown_away_politely(client: Client, forged: dict[str, str], kind: str) -> None:
    client.cookies["cart"] = forged[kind]
    with nothing_written():
        page = client.get("/en/cart/")
    assert page.status_code == 200
    assert "We could not read your cart, so we start with an empty one." in text_of(page)
    assert page.cookies["cart"].value == page.cookies["cart_badge"].value == ""
    assert page.cookies["cart"]["max-age"] == 0


@pytest.mark.parametrize("kind", FORGED)
def test_nothing_is_ordered_from_a_forged_cart(client: Client, forged: dict[str, str], kind: str) -> None:
    client.cookies["cart"] = forged[kind]
    form = {"customer_name": "a", "fulfilment": "to_go", "submission_key": "k" * 22, "expected_total": "0.01"}
    with nothing_written():
        response = submit(client, form)
    assert (response.status_code, response["Location"]) == (302, "/en/cart/")


def test_a_forged_cart_is_replaced_by_the_next_item(client: Client, forged: dict[str, str]) -> None:
    client.cookies["cart"] = forged["garbage"]
    roll = croissant()
    add(client, roll)
    assert [line[0] for line in lines(client)] == [roll.pk]


@pytest.mark.parametrize("value", ["garbage", "", OTHER_CHARACTERS])
def test_a_forged_device_cookie_is_no_device(client: Client, value: str) -> None:
    client.cookies["my_orders"] = value
    assert "No orders from this device yet." in text_of(client.get("/en/orders/mine/"))


def test_a_device_cookie_of_another_shape_is_no_device(client: Client) -> None:
    for kept in ({"a": 1}, "token", 1, None, [1, None, {}]):
        client.cookies["my_orders"] = signing.dumps(kept, salt="orders.device")
        assert "No orders from this device yet." in text_of(client.get("/en/orders/mine/"))


def test_a_cart_of_yesterday_is_empty(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    with monkeypatch.context() as yesterday:
        yesterday.setattr(time, "time", lambda: now - 24 * 3600 - 60)
        client.cookies["cart"] = signed([latte().pk, [], 1, "25.00"])
    page = client.get("/en/cart/")
    assert page.status_code == 200
    assert "Your cart is empty." in text_of(page)


def test_a_price_in_the_cart_is_never_charged(client: Client) -> None:
    drink = latte()
    client.cookies["cart"] = signed([drink.pk, [option(drink, "Small").pk], 1, "0.01"])
    assert client.get("/en/checkout/")["Location"] == "/en/cart/"
    form = {"customer_name": "a", "fulfilment": "to_go", "submission_key": "k" * 22, "expected_total": "0.01"}
    with nothing_written():
        assert submit(client, form).status_code == 409


@pytest.mark.parametrize("quantity", [0, -1, 100, 10**9])
def test_a_signed_line_with_a_quantity_out_of_range_orders_nothing(client: Client, quantity: int) -> None:
    """Only a leaked signing key could sign such a line; the service refuses its quantity."""
    roll = croissant(stock=5)
    client.cookies["cart"] = signed([roll.pk, [], quantity, "16.00"])
    form = {"customer_name": "a", "fulfilment": "to_go", "submission_key": "k" * 22, "expected_total": "16.00"}
    with nothing_written():
        assert submit(client, form).status_code in (302, 409)
