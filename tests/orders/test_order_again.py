"""Reorder: one touch fills in the checkout, a second places the order; changes since the first order are shown."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core import signing
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from menu.models import Item, Option
from orders import selectors
from orders.cart import cookie as carts
from orders.cart import reorder
from orders.models import Order
from tests.harness.factories import americano, croissant, latte, nothing_written
from tests.orders.customer import a_device, add, hidden_inputs, place, text_of

pytestmark = pytest.mark.django_db

WRITTEN = {"customer_name": "王小明", "phone": "+8613800138000", "fulfilment": "here", "note": "no sugar"}


@pytest.fixture
def client() -> Client:
    return a_device()


@pytest.fixture
def drink() -> Item:
    return latte()


@pytest.fixture
def placed(client: Client, drink: Item) -> Order:
    """Two large lattes with cream, and a croissant."""
    add(client, drink, "Large", "Cream", quantity=2)
    add(client, croissant())
    return place(client, **WRITTEN)


def touch(client: Client, order: Order) -> HttpResponse:
    return client.post(f"/en/order/{order.token}/again/")


def cart_of(client: Client) -> list[Any]:
    if not client.cookies["cart"].value:
        return []
    _key, *rows = signing.loads(client.cookies["cart"].value, salt=carts.SALT)
    return rows


def written_on(page: HttpResponse) -> dict[str, str]:
    """Return the values of the checkout's fields."""
    source = page.content.decode()
    found = {}
    for name in ("customer_name", "phone", "note"):
        [field] = re.findall(rf'<input[^>]*name="{name}"[^>]*>', source)
        value = re.search(r'value="([^"]*)"', field)
        found[name] = value[1] if value else ""
    [found["fulfilment"]] = re.findall(r'name="fulfilment" value="(\w+)" required checked', source)
    return found


def test_two_touches_place_the_same_order(client: Client, placed: Order) -> None:
    assert f'action="/en/order/{placed.token}/again/"' in client.get("/en/orders/mine/").content.decode()
    with nothing_written():
        response = touch(client, placed)
        assert (response.status_code, response["Location"]) == (302, "/en/checkout/")
        page = client.get("/en/checkout/")
    assert written_on(page) == WRITTEN
    assert "Not quite as last time" not in text_of(page)
    client.post("/en/checkout/", hidden_inputs(page) | written_on(page))
    second = Order.objects.latest("pk")
    assert second.pk != placed.pk
    same = ("customer_name", "phone", "note", "fulfilment", "total")
    assert [getattr(second, name) for name in same] == [getattr(placed, name) for name in same]
    told = ("item_id", "options", "unit_price", "quantity")
    assert list(second.lines.values(*told)) == list(placed.lines.values(*told))


def test_a_price_that_changed_is_said_and_is_what_is_paid(client: Client, placed: Order, drink: Item) -> None:
    Item.objects.filter(pk=drink.pk).update(price="27.00")
    assert touch(client, placed)["Location"] == "/en/checkout/"
    page = client.get("/en/checkout/")
    assert "Not quite as last time" in text_of(page)
    assert "Latte costs ¥37 now, not ¥35." in text_of(page)
    assert hidden_inputs(page)["expected_total"] == "90.00"
    client.post("/en/checkout/", hidden_inputs(page) | written_on(page))
    assert Order.objects.latest("pk").total == Decimal("90.00")


def test_what_is_gone_is_said_and_left_out(client: Client, placed: Order, drink: Item) -> None:
    Item.objects.filter(slug="croissant").update(is_available=False)
    Option.objects.filter(name_en="Cream").update(is_available=False)
    touch(client, placed)
    page = text_of(client.get("/en/checkout/"))
    assert "Butter Croissant is sold out; we take it out." in page
    assert "Latte: “Cream” is sold out; we leave it out." in page
    assert "2 × Latte Large" in page
    assert [row[0] for row in cart_of(client)] == [drink.pk]


def test_when_nothing_is_left_the_cart_says_why(client: Client, placed: Order) -> None:
    Item.objects.update(is_available=False)
    with nothing_written():
        assert touch(client, placed)["Location"] == "/en/cart/"
    page = text_of(client.get("/en/cart/"))
    assert "Latte is sold out; we take it out." in page
    assert "Butter Croissant is sold out; we take it out." in page


def test_touched_twice_it_is_in_the_cart_once(client: Client, placed: Order) -> None:
    touch(client, placed)
    before = cart_of(client)
    assert touch(client, placed)["Location"] == "/en/checkout/"
    assert cart_of(client) == before


def test_what_was_in_the_cart_is_kept_and_shown_first(client: Client, placed: Order) -> None:
    drip = americano()
    add(client, drip)
    assert touch(client, placed)["Location"] == "/en/cart/?notice=added"
    before = list(placed.lines.values_list("item_id", "quantity"))
    assert [(row[0], row[2]) for row in cart_of(client)] == [(drip.pk, 1), *before]
    assert "beside what was in it already" in text_of(client.get("/en/cart/?notice=added"))


def test_the_next_cart_is_not_filled_in(client: Client, placed: Order) -> None:
    touch(client, placed)
    page = client.get("/en/checkout/")
    client.post("/en/checkout/", hidden_inputs(page) | written_on(page))
    add(client, americano())
    assert "王小明" not in client.get("/en/checkout/").content.decode()


def test_another_device_gets_nothing_by_the_cookie(client: Client, placed: Order) -> None:
    touch(client, placed)
    thief = a_device()
    for name in ("cart", reorder.COOKIE):
        thief.cookies[name] = client.cookies[name].value
    page = thief.get("/en/checkout/")
    assert page.status_code == 200
    for words in WRITTEN.values():
        assert f'value="{words}"' not in page.content.decode().replace('value="here"', "")


@pytest.mark.parametrize("kept", [None, [1], 5, "x", ["key", 1], {"a": 1}], ids=repr)
def test_a_cookie_that_is_not_ours_fills_nothing_in(client: Client, placed: Order, kept: Any) -> None:
    touch(client, placed)
    client.cookies[reorder.COOKIE] = "x:y:z" if kept is None else signing.dumps(kept, salt=reorder.SALT)
    page = client.get("/en/checkout/")
    assert page.status_code == 200
    assert "王小明" not in page.content.decode()


def test_the_cookie_is_hidden_from_scripts_and_holds_no_token(client: Client, placed: Order) -> None:
    kept = touch(client, placed).cookies[reorder.COOKIE]
    assert (kept["httponly"], kept["samesite"]) == (True, "Lax")
    assert placed.token not in str(signing.loads(kept.value, salt=reorder.SALT))


def test_without_the_database_the_checkout_opens_empty(
    client: Client, placed: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(client, placed)

    def away(tokens: object) -> None:
        raise OperationalError

    monkeypatch.setattr(selectors, "orders_of_device", away)
    page = client.get("/en/checkout/")
    assert page.status_code == 200
    assert "王小明" not in page.content.decode()


def test_a_checkout_that_repeats_nothing_asks_for_no_order(client: Client) -> None:
    add(client, croissant())
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/en/checkout/").status_code == 200
    assert [query["sql"] for query in captured if "orders_order" in query["sql"]] == []
