"""A cart line is edited in place, removed, and restored by Undo."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client

from menu.models import Item
from orders.cart import cookie as carts
from orders.services import set_stock
from tests.harness.factories import americano, croissant, latte, option
from tests.orders.customer import a_device, add, text_of

pytestmark = pytest.mark.django_db

Row = tuple[int, int, Decimal]


@pytest.fixture
def client() -> Client:
    return a_device()


@pytest.fixture
def drink() -> Item:
    return latte()


def rows(client: Client) -> list[Any]:
    """Return the lines of the cart cookie: item, options, quantity."""
    if not client.cookies["cart"].value:
        return []
    return [row[:3] for row in signing.loads(client.cookies["cart"].value, salt=carts.SALT)[1:]]


def key(item: Item, *options: str) -> str:
    return "-".join(map(str, [item.pk, *(option(item, name).pk for name in options)]))


def ids(item: Item, *options: str) -> list[int]:
    return [option(item, name).pk for name in options]


def save(client: Client, replaces: str, item: Item, *options: str, quantity: int = 1) -> HttpResponse:
    form: dict[str, Any] = {"item": item.pk, "chosen": "1", "quantity": quantity, "replaces": replaces}
    for name in options:
        form.setdefault(f"group-{option(item, name).group_id}", []).append(option(item, name).pk)
    return client.post("/en/cart/add/", form)


def undo(client: Client, address: str) -> HttpResponse:
    """Press Undo on the page at this address."""
    page = client.get(address).content.decode()
    [form] = re.findall(r'<form class="notice notice--undo".*?</form>', page, flags=re.DOTALL)
    return client.post("/en/cart/put-back/", dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)))


# Edited


def test_a_line_s_name_opens_the_item_with_its_choices(client: Client, drink: Item) -> None:
    add(client, drink, "Large", "Cream", quantity=3)
    assert f'href="/en/cart/line/{key(drink, "Large", "Cream")}/"' in client.get("/en/cart/").content.decode()
    page = client.get(f"/en/cart/line/{key(drink, 'Large', 'Cream')}/")
    source = page.content.decode()
    ticked = re.findall(r'value="(\d+)" data-delta="[^"]*" checked', source)
    assert set(map(int, ticked)) == set(ids(drink, "Large", "Cream"))
    assert 'name="quantity" value="3"' in source
    assert "Save" in text_of(page)
    assert "no-store" in page["Cache-Control"]


def test_save_replaces_the_line_in_its_place(client: Client, drink: Item) -> None:
    add(client, drink, "Small")
    add(client, croissant())
    response = save(client, key(drink, "Small"), drink, "Large", "Vanilla", quantity=2)
    assert response["Location"] == "/en/cart/"
    assert [row[1:] for row in rows(client)] == [[ids(drink, "Large", "Vanilla"), 2], [[], 1]]


def test_a_line_that_becomes_equal_to_another_is_merged_with_it(client: Client, drink: Item) -> None:
    add(client, drink, "Small", quantity=2)
    add(client, croissant())
    add(client, drink, "Large")
    save(client, key(drink, "Large"), drink, "Small")
    assert [row[1:] for row in rows(client)] == [[[], 1], [ids(drink, "Small"), 3]]


def test_saving_only_another_quantity_keeps_the_line(client: Client, drink: Item) -> None:
    add(client, drink, "Small", quantity=2)
    save(client, key(drink, "Small"), drink, "Small", quantity=1)
    assert rows(client) == [[drink.pk, ids(drink, "Small"), 1]]


def test_the_limit_of_an_order_holds_without_the_line_itself(client: Client) -> None:
    drink = latte(max_per_order=3)
    add(client, drink, "Small", quantity=3)
    assert save(client, key(drink, "Small"), drink, "Large", quantity=3).status_code == 302
    response = save(client, key(drink, "Large"), drink, "Small", quantity=4)
    assert response.status_code == 422
    assert 'name="replaces"' in response.content.decode(), "the refused form still edits that line"
    assert rows(client) == [[drink.pk, ids(drink, "Large"), 3]]


def test_a_line_that_has_gone_meanwhile_is_said_and_nothing_is_added(client: Client, drink: Item) -> None:
    add(client, drink, "Small")
    response = save(client, key(drink, "Large"), drink, "Cream")
    assert response["Location"] == "/en/cart/?notice=changed"
    assert rows(client) == [[drink.pk, ids(drink, "Small"), 1]]


@pytest.mark.parametrize("line", ["0", "1-2-3", "nothing", "-", "%00", "9" * 300])
def test_the_address_of_an_unknown_line_leads_to_the_cart(client: Client, drink: Item, line: str) -> None:
    add(client, drink, "Small")
    assert client.get(f"/en/cart/line/{line}/")["Location"] == "/en/cart/"


def test_a_line_that_is_sold_out_leads_to_the_cart_which_says_so(client: Client) -> None:
    roll = croissant(stock=2)
    add(client, roll)
    set_stock(item=roll, available=0, reason="dropped")
    assert client.get(f"/en/cart/line/{roll.pk}/")["Location"] == "/en/cart/"
    assert "Butter Croissant is sold out; we take it out." in text_of(client.get("/en/cart/"))


# Removed and restored


@pytest.mark.parametrize("form", [{"quantity": "0"}, {"quantity": "1", "was": "2"}], ids=["Remove", "the last −"])
def test_a_removed_line_is_named_and_undo_puts_it_back_in_its_place(
    client: Client, drink: Item, form: dict[str, str]
) -> None:
    add(client, drink, "Large", "Cream")
    add(client, croissant())
    before = rows(client)
    response = client.post("/en/cart/change/", {"line": key(drink, "Large", "Cream"), **form})
    assert len(rows(client)) == 1
    assert "Latte is out of your cart." in text_of(client.get(response["Location"]))
    assert undo(client, response["Location"])["Location"] == "/en/cart/"
    assert rows(client) == before


def test_undo_of_the_only_line_fills_the_empty_cart(client: Client) -> None:
    roll = croissant()
    add(client, roll, quantity=4)
    undo(client, client.post("/en/cart/change/", {"line": str(roll.pk), "quantity": "0"})["Location"])
    assert rows(client) == [[roll.pk, [], 4]]


def test_what_is_back_in_the_cart_is_not_offered_again(client: Client) -> None:
    roll = croissant()
    add(client, roll)
    address = client.post("/en/cart/change/", {"line": str(roll.pk), "quantity": "0"})["Location"]
    undo(client, address)
    assert "Undo" not in text_of(client.get(address))


def test_what_sold_out_meanwhile_is_not_put_back(client: Client) -> None:
    roll = croissant(stock=3)
    add(client, roll)
    address = client.post("/en/cart/change/", {"line": str(roll.pk), "quantity": "0"})["Location"]
    set_stock(item=roll, available=0, reason="dropped")
    response = undo(client, address)
    assert "can no longer be put back" in text_of(client.get(response["Location"]))
    assert rows(client) == []


@pytest.mark.parametrize(
    "form",
    [{}, {"line": "x"}, {"line": "0"}, {"line": "1-2", "quantity": "0"}, {"line": "9" * 19}, {"quantity": "100"}],
    ids=str,
)
def test_a_bad_undo_puts_nothing_back(client: Client, form: dict[str, str]) -> None:
    drink = americano()
    whole = {"line": str(drink.pk), "quantity": "1", "place": "0"}
    response = client.post("/en/cart/put-back/", whole | form if form else {})
    assert response["Location"] == "/en/cart/?notice=not_back"
    assert "cart" not in response.cookies
    query = "&".join(f"{name}={value}" for name, value in form.items()).replace("line", "removed")
    assert client.get(f"/en/cart/?{query}").status_code == 200


def test_more_than_the_limit_is_not_put_back(client: Client) -> None:
    drink = latte(max_per_order=3)
    add(client, drink, "Small", quantity=2)
    small = key(drink, "Small")
    address = client.post("/en/cart/change/", {"line": small, "quantity": "0"})["Location"]
    add(client, drink, "Large", quantity=2)
    undo(client, address)
    assert [row[2] for row in rows(client)] == [1, 2]


# The steppers


@pytest.mark.parametrize(
    ("in_cart", "was", "quantity", "then"),
    [(1, 1, 2, 2), (2, 1, 2, 3), (2, 1, 0, 1), (3, 3, 1, 1), (5, 4, 5, 6), (6, 5, 6, 6)],
)
def test_a_step_counts_from_what_the_cart_holds(
    client: Client, in_cart: int, was: int, quantity: int, then: int
) -> None:
    drink = americano(max_per_order=6)
    add(client, drink, quantity=in_cart)
    client.post("/en/cart/change/", {"line": str(drink.pk), "was": was, "quantity": quantity})
    assert rows(client) == [[drink.pk, [], then]]


def test_a_script_is_told_where_the_change_leads(client: Client) -> None:
    roll = croissant()
    add(client, roll)
    form = {"line": str(roll.pk), "quantity": "0"}
    answer = client.post("/en/cart/change/", form, headers={"accept": "application/json"})
    assert answer.json() == {"location": f"/en/cart/?removed={roll.pk}&quantity=1&place=0"}
    assert rows(client) == []
