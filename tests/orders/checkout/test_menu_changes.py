"""The menu changes while items are in the cart: every change is shown before the order."""

from decimal import Decimal

import pytest
from django.test import Client

from menu.models import Item, Option
from orders.models import Order
from orders.services import set_stock
from tests.harness.factories import croissant, item, latte, nothing_written, option
from tests.orders.checkout.pages import accept, add, check_out, cookie, form_of, lines, submit, text_of

pytestmark = pytest.mark.django_db


def test_every_change_is_said_and_one_button_accepts_the_repaired_cart(client: Client) -> None:
    drink, roll, cake = latte(), croissant(stock=1), item("cake", name_en="Cake")
    add(client, drink, "Large", "Vanilla", quantity="2")
    add(client, roll)
    add(client, cake, quantity="5")
    set_stock(item=roll, available=0, reason="sold")
    Item.objects.filter(pk=cake.pk).update(max_per_order=3)
    Option.objects.filter(name_en="Vanilla").update(is_available=False)
    Option.objects.filter(name_en="Large").update(price_delta="7.00")
    page = text_of(client.get("/en/cart/"))
    for words in (
        "Latte: “Vanilla” is sold out; we leave it out.",
        "Latte costs ¥32 now, not ¥34.",
        "Butter Croissant is sold out; we take it out.",
        "Cake: at most 3 in one order; we take out the rest.",
        "All right, ¥94 then",
    ):
        assert words in page
    assert client.get("/en/checkout/")["Location"] == "/en/cart/", "no checkout before that"
    with nothing_written():
        assert accept(client)["Location"] == "/en/cart/"
    assert lines(client) == [
        (drink.pk, (option(drink, "Large").pk,), 2, Decimal("32.00")),
        (cake.pk, (), 3, Decimal("10.00")),
    ]
    assert submit(client, form_of(check_out(client))).status_code == 302
    assert Order.objects.get().total == Decimal("94.00")


def test_an_item_that_is_gone_and_an_option_that_is_gone_are_said(client: Client) -> None:
    drink, roll = latte(), croissant()
    add(client, drink, "Large", "Vanilla")
    add(client, roll)
    Item.objects.filter(pk=roll.pk).update(is_listed=False)
    Option.objects.filter(name_en="Vanilla").delete()
    Option.objects.filter(name_en="Large").update(is_available=False)
    page = text_of(client.get("/en/cart/"))
    assert "Something in your cart is no longer on the menu; we take it out." in page
    assert "Latte: one of its options is gone; we leave it out." in page
    assert "Latte comes with “Small” instead." in page
    accept(client)
    assert lines(client) == [(drink.pk, (option(drink, "Small").pk,), 1, Decimal("25.00"))]


def test_a_cart_of_which_nothing_is_left_is_emptied(client: Client) -> None:
    add(client, croissant())
    Item.objects.update(is_listed=False)
    accept(client)
    assert lines(client) == []


@pytest.mark.parametrize("seen", ["", "0" * 16, "拿铁"])
def test_another_repair_than_the_page_showed_is_not_accepted(client: Client, seen: str) -> None:
    add(client, croissant())
    Item.objects.update(price="20")
    before = cookie(client)
    response = client.post("/en/cart/accept/", {"seen": seen})
    assert response["Location"] == "/en/cart/?notice=changed"
    assert cookie(client) == before
    assert "Your cart had changed meanwhile; please look again." in text_of(client.get(response["Location"]))


def test_the_cart_speaks_the_language_of_its_address(client: Client) -> None:
    add(client, croissant(), language="zh-hans")
    assert "黄油可颂" in text_of(client.get("/zh-hans/cart/"))
    assert "Butter Croissant" in text_of(client.get("/en/cart/"))
