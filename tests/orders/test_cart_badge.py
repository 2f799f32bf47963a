"""The `cart_badge` cookie, readable by a page's scripts: the cart's count, total, and the quantity of each item."""

from urllib.parse import unquote

import pytest
from django.test import Client

from tests.harness.factories import americano, croissant, item, latte
from tests.orders.customer import a_device, add

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return a_device()


def badge(client: Client) -> str:
    return unquote(client.cookies["cart_badge"].value)


def test_the_badge_names_the_count_of_each_item_once(client: Client) -> None:
    drink, roll = latte(), croissant()
    add(client, drink, "Small")
    add(client, drink, "Large", quantity=2)
    add(client, roll)
    assert badge(client) == f"4|103.00|{drink.pk}:3,{roll.pk}:1"


def test_the_raw_cookie_has_no_character_that_a_cookie_quotes(client: Client) -> None:
    add(client, americano())
    add(client, croissant())
    raw = client.cookies["cart_badge"].OutputString().split(";")[0]
    assert '"' not in raw
    assert "\\" not in raw


def test_count_and_sum_are_still_the_first_two_parts(client: Client) -> None:
    add(client, americano(), quantity=2)
    assert client.cookies["cart_badge"].value.split("|")[:2] == ["2", "36.00"]


def test_a_full_cart_s_badge_fits_a_cookie(client: Client) -> None:
    for number in range(30):
        add(client, item(f"cake-{number}"))
    assert len(badge(client).split(",")) == 30
    assert len(client.cookies["cart_badge"].value) < 500


def test_an_emptied_cart_has_no_badge(client: Client) -> None:
    roll = croissant()
    add(client, roll)
    client.post("/en/cart/change/", {"line": str(roll.pk), "quantity": "0"})
    assert client.cookies["cart_badge"].value == ""
