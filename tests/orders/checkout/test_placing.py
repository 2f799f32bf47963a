"""The checkout form: fields, prices and stock that changed, and idempotency."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from menu.models import Item
from orders.models import Order, Stock
from orders.services import set_stock
from tests.harness.factories import americano, croissant, latte, nothing_written, order
from tests.orders.checkout.pages import add, check_out, cookie, form_of, line_key, lines, submit, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("language", "name", "size"), [("en", "Latte", "Large"), ("zh-hans", "拿铁", "大杯")])
def test_an_order_is_placed_and_its_page_opened(client: Client, language: str, name: str, size: str) -> None:
    add(client, latte(), "Large", quantity="2", language=language)
    page = check_out(client, language)
    for words in (name, size, "¥62"):
        assert words in text_of(page)
    form = form_of(page, customer_name=" 王 芳 🐼 ", phone="138 0013 8000", fulfilment="here", note="少冰")
    response = submit(client, form, language)
    placed = Order.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/{language}/order/{placed.token}/")
    assert (placed.customer_name, placed.phone, placed.note) == ("王 芳 🐼", "+8613800138000", "少冰")
    assert (placed.fulfilment, placed.language, placed.total) == ("here", language, Decimal("62.00"))
    assert lines(client) == []
    assert client.cookies["cart_badge"].value == ""
    mine = response.cookies["my_orders"]
    assert (mine["httponly"], mine["samesite"]) == (True, "Lax")
    shown = text_of(client.get(response["Location"]))
    for words in (str(placed.number), name, size, "¥62", "王 芳 🐼", "少冰"):
        assert words in shown


BAD_FIELDS = [
    {"customer_name": ""},
    {"customer_name": "   "},
    {"customer_name": "a" * 61},
    {"customer_name": "长" * 10_000},
    {"customer_name": "NUL\x00"},
    {"customer_name": "bell\x07"},
    {"note": "n" * 201},
    {"note": "\x00"},
    {"phone": "call me"},
    {"phone": "1"},
    {"phone": "9" * 41},
    {"fulfilment": ""},
    {"fulfilment": "delivery"},
    {"expected_total": ""},
    {"expected_total": "NaN"},
    {"expected_total": "Infinity"},
    {"expected_total": "1e400"},
    {"expected_total": "abc"},
    {"submission_key": ""},
    {"submission_key": "short"},
    {"submission_key": "键" * 20},
    {"submission_key": "k" * 65},
    {"cart_seen": "x" * 17},
]


@pytest.mark.few_cases(8)
@pytest.mark.parametrize("wrong", BAD_FIELDS, ids=lambda wrong: repr(wrong)[:40])
def test_a_wrong_field_is_said_and_the_cart_is_kept(client: Client, wrong: dict[str, str]) -> None:
    add(client, croissant(stock=5))
    form = form_of(check_out(client), **wrong)
    before = cookie(client)
    with nothing_written():
        response = submit(client, form)
    assert response.status_code == 422
    assert "field__error" in response.content.decode() or "This page was not complete." in text_of(response)
    assert cookie(client) == before


def test_what_was_written_is_shown_again_after_a_wrong_field(client: Client) -> None:
    add(client, croissant())
    response = submit(client, form_of(check_out(client), customer_name="", note="<b>少冰</b>", fulfilment="here"))
    page = response.content.decode()
    assert 'value="&lt;b&gt;少冰&lt;/b&gt;"' in page
    assert re.search(r'value="here" required checked', page)


def test_the_same_form_again_is_the_same_order(client: Client) -> None:
    roll = croissant(stock=5)
    add(client, roll)
    form = form_of(check_out(client))
    first = submit(client, form)
    with nothing_written():
        second = submit(client, form)
    assert second.status_code == 302
    assert second["Location"] == f"{first['Location']}?notice=before"
    assert "nothing was ordered twice" in text_of(client.get(second["Location"]))


def test_the_same_form_twice_at_once_is_the_same_order(client: Client) -> None:
    add(client, croissant(stock=5))
    form, cart = form_of(check_out(client)), cookie(client)
    first = submit(client, form)
    client.cookies["cart"] = cart  # the second request had left before the first answer came
    with nothing_written():
        second = submit(client, form)
    assert second["Location"] == first["Location"]


def test_two_tabs_of_one_cart_are_one_order(client: Client) -> None:
    add(client, croissant(stock=5))
    first, second = form_of(check_out(client)), form_of(check_out(client))
    assert first == second
    submit(client, first)
    with nothing_written():
        submit(client, second)


def test_the_next_cart_is_another_order(client: Client) -> None:
    roll = croissant(stock=5)
    for _time in range(2):
        add(client, roll)
        submit(client, form_of(check_out(client)))
    assert Order.objects.count() == 2
    assert Stock.objects.get().available == 3


def test_a_changed_cart_under_the_same_key_opens_the_first_order_and_keeps_the_rest(client: Client) -> None:
    roll, drink = croissant(stock=5), americano()
    add(client, roll)
    form, cart = form_of(check_out(client)), cookie(client)
    first = submit(client, form)
    client.cookies["cart"] = cart
    add(client, drink)
    with nothing_written():
        response = submit(client, form | {"expected_total": "34.00"})
    assert response["Location"] == f"{first['Location']}?notice=again"
    assert "Your newer cart is kept; it is not ordered yet." in text_of(client.get(response["Location"]))
    assert [line[0] for line in lines(client)] == [drink.pk]
    assert submit(client, form_of(check_out(client))).status_code == 302
    assert [line.item_id for line in Order.objects.latest("pk").lines.all()] == [drink.pk]


def test_an_empty_cart_places_nothing(client: Client) -> None:
    form = {"customer_name": "a", "fulfilment": "to_go", "submission_key": "k" * 22, "expected_total": "1"}
    for key in ("k" * 22, "", "键", "\x00"):
        with nothing_written():
            assert submit(client, form | {"submission_key": key})["Location"] == "/en/cart/"


def test_a_programs_key_opens_no_order_at_the_checkout(client: Client) -> None:
    """API clients choose idempotency keys such as "order-1": a guessed key must not grant rights over the order."""
    placed = order(submission_key="a-programs-own-order-1", submission_hash="h")
    with nothing_written():
        response = submit(client, {"submission_key": "a-programs-own-order-1"})
    assert response["Location"] == "/en/cart/"
    assert placed.token not in str(client.cookies)


def test_a_price_that_changed_is_shown_and_accepted_by_pressing_again(client: Client) -> None:
    add(client, croissant(stock=5), quantity="2")
    form = form_of(check_out(client))
    Item.objects.update(price="17.50")
    with nothing_written():
        response = submit(client, form)
    assert response.status_code == 409
    assert "it is ¥35 now, not ¥32" in text_of(response)
    assert "Nothing has been ordered yet; your cart is kept." in text_of(response)
    again = form_of(response)
    assert again == form | {"expected_total": "35.00"}
    assert 'value="王芳"' in response.content.decode()
    assert submit(client, again).status_code == 302
    assert Order.objects.get().total == Decimal("35.00")


def test_a_price_that_fell_is_shown_as_well(client: Client) -> None:
    add(client, croissant(stock=5))
    form = form_of(check_out(client))
    Item.objects.update(price="9.00")
    with nothing_written():
        assert submit(client, form).status_code == 409


def test_what_sold_out_meanwhile_is_said_and_the_cart_is_kept(client: Client) -> None:
    roll = croissant(stock=2)
    add(client, roll, quantity="2")
    form, before = form_of(check_out(client)), lines(client)
    set_stock(item=roll, available=1, reason="dropped one")
    with nothing_written():
        response = submit(client, form)
    assert response.status_code == 409
    assert "Only 1 of Butter Croissant left." in text_of(response)
    assert lines(client) == before
    client.post("/en/cart/change/", {"line": line_key(client), "quantity": "1"})
    assert submit(client, form_of(check_out(client))).status_code == 302
    assert Stock.objects.get().available == 0


@pytest.mark.parametrize("gone", [{"is_listed": False}, {"is_available": False}])
def test_an_item_that_went_meanwhile_is_refused_and_the_cart_is_kept(client: Client, gone: dict[str, bool]) -> None:
    add(client, croissant())
    add(client, americano())
    form, before = form_of(check_out(client)), lines(client)
    Item.objects.filter(slug="croissant").update(**gone)
    with nothing_written():
        response = submit(client, form)
    assert response.status_code == 409
    assert lines(client) == before
