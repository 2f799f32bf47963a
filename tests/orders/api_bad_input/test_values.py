"""Invalid values of an API client: each gets its error code, never a 500, and no row is written."""

import json
from typing import Any

import pytest
from django.test import Client

from orders.models import Order
from tests.orders.api_bad_input.refusals import REMOVED, assert_refused, basket, course, latte_with, send, short

pytestmark = pytest.mark.django_db


def test_the_bodies_of_this_file_go_through_when_nothing_is_wrong(client: Client) -> None:
    """Control for every test below: the unchanged bodies are accepted."""
    line = {"item": "latte", "options": latte_with("Small", "Vanilla"), "quantity": 1}
    for body in (course(), basket({"item": "croissant"}), basket(line)):
        assert send(client, json.dumps(body)).status_code == 201


# Values


@pytest.mark.few_cases(7)
@pytest.mark.parametrize(
    "quantity", [0, -1, 1.5, 10**9, 100, True, False, "1", None, [], {}, 1.0, 10**400, [1]], ids=short
)
def test_a_quantity_is_a_whole_number_from_1_to_99(client: Client, quantity: Any) -> None:
    assert_refused(client, course(quantity=quantity, total_price=REMOVED), 422, "invalid", "quantity")
    line = {"item": "croissant", "quantity": quantity}
    assert_refused(client, basket(line), 422, "invalid", "lines.0.quantity")


@pytest.mark.parametrize("number", ["1e9", "1E0", "-0.0", "1e-400", "1e400", "-1e99999"])
def test_a_quantity_with_an_exponent_or_a_point_is_none(client: Client, number: str) -> None:
    text = json.dumps(course(quantity="?")).replace('"?"', number)
    assert_refused(client, text, 422, "invalid", "quantity")


@pytest.mark.few_cases(8)
@pytest.mark.parametrize(
    "name",
    [
        REMOVED, None, "", "   ", "\t\n", "a" * 61, "长" * 10_000, "NUL\x00", "line\nbreak", "\x7f", "\ud800",
        "half \udfff", 1, 1.5, True, [], {}, ["王芳"], {"name": "王芳"},
    ],
    ids=short,
)  # fmt: skip
def test_a_name_is_a_text_of_1_to_60_characters(client: Client, name: Any) -> None:
    assert_refused(client, course(customer_name=name), 422, "invalid", "customer_name")


@pytest.mark.parametrize(
    "name", ["🐼", "👩‍👩‍👧‍👦 家", "𠮷野家", "王" * 60, "O'Brien", '<b>"&amp;', "'; DROP TABLE orders_order;--", "ñ́"]
)
def test_any_other_name_is_kept_to_the_character(client: Client, name: str) -> None:
    response = send(client, json.dumps(course(customer_name=f" {name} ", note=name), ensure_ascii=False).encode())
    assert response.status_code == 201
    placed = Order.objects.get()
    assert (placed.customer_name, placed.note) == (name, name)


@pytest.mark.parametrize("note", ["n" * 201, "\x00", "\ud800", 1, True, [], {}], ids=short)
def test_a_note_is_a_text_of_at_most_200_characters(client: Client, note: Any) -> None:
    assert_refused(client, course(note=note), 422, "invalid", "note")


PHONES = ["call me", "1", "9" * 41, "+", "\x00", "\ud800", 13800138000, True, [], {}, "１３８" * 9]


@pytest.mark.parametrize("phone", PHONES, ids=short)
def test_a_phone_is_a_number_that_can_be_called(client: Client, phone: Any) -> None:
    assert_refused(client, course(phone=phone), 422, "invalid", "phone")


@pytest.mark.parametrize("way", ["", "HERE", "togo", 1, True, [], {}, ["here"], "\ud800"], ids=short)
def test_a_fulfilment_is_one_of_two_words(client: Client, way: Any) -> None:
    assert_refused(client, course(fulfilment=way), 422, "invalid", "fulfilment")


@pytest.mark.few_cases(6)
@pytest.mark.parametrize("price", ["16", "16.00", True, False, -1, -0.01, 10**10, 10**400, [], {}, [16]], ids=short)
def test_a_total_is_an_amount_of_money(client: Client, price: Any) -> None:
    assert_refused(client, course(total_price=price), 422, "invalid", "total_price")


@pytest.mark.parametrize("price", ["1e400", "1e999999999", "-1e999999999"])
def test_a_total_beyond_any_money_is_refused(client: Client, price: str) -> None:
    assert_refused(client, json.dumps(course(total_price="?")).replace('"?"', price), 422, "invalid", "total_price")


@pytest.mark.parametrize("price", ["1e-400", "1e-999999999", "16.0050000000000000000000000000000000001", "-0.0", "0"])
def test_a_total_that_is_wrong_by_half_a_cent_or_more_is_a_changed_price(client: Client, price: str) -> None:
    text = json.dumps(course(total_price="?")).replace('"?"', price)
    assert_refused(client, text, 409, "price_changed", "total_price")


@pytest.mark.parametrize("word", [REMOVED, None, "", " ", 1, True, [], {}, "x" * 61, "\x00", "\ud800"], ids=short)
def test_a_coffee_type_is_a_text(client: Client, word: Any) -> None:
    assert_refused(client, course(coffee_type=word), 422, "invalid", "coffee_type")


@pytest.mark.parametrize("word", ["nothing", "CROISSANT", "拿铁拿铁", "🐼", "é", "%", "0", "latte' OR 1=1"])
def test_an_unknown_item_is_refused(client: Client, word: str) -> None:
    assert_refused(client, course(coffee_type=word), 422, "unknown_item", "lines.0")
    good = {"item": "croissant"}
    assert_refused(client, basket(good, {"item": word}), 422, "unknown_item", "lines.1")
