"""Inputs that random tests or code review found."""

import contextlib
import random
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from orders import device_orders
from orders.cart import cookie
from tests.orders.examples import books_in_this_transaction, tried, undone  # noqa: F401 - a fixture
from tests.orders.random_input.strategies import Cafe, signed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_in_this_transaction")]


@pytest.mark.parametrize("length", ["\xb2", "9" * 5000, "-1", "1e3"])
def test_a_length_that_is_no_number_is_too_large(cafe: Cafe, length: str) -> None:
    response = cafe.send("POST", "/api/orders", b"{}", "application/json", CONTENT_LENGTH=length)
    assert response.status_code == 413


@pytest.mark.parametrize("path", ["//[", "//[/", "//[]/en/", "///[x"])
def test_an_address_that_reads_as_half_a_host_is_not_found(cafe: Cafe, path: str) -> None:
    assert cafe.send("GET", path).status_code == 404
    assert cafe.send("GET", path, HTTP_HOST="a b").status_code == 400


@pytest.mark.parametrize("key", ["asked", "", "1.5", "-1", "9" * 5000])
def test_a_selection_in_admin_that_holds_no_key_is_malformed(cafe: Cafe, key: str) -> None:
    cookies = cafe.session_of(cafe.manager)
    fields = [("action", "start"), ("_selected_action", key), ("index", "0")]
    assert cafe.submit("/admin/orders/order/", fields, HTTP_COOKIE=cookies).status_code == 400


@pytest.mark.few_cases(4)
@pytest.mark.parametrize(
    "kept",
    [
        {},
        [],
        [1],
        ["short"],
        ["a-key-of-this-cart-0001", 1],
        ["a-key-of-this-cart-0001", [1, [], 1]],
        ["a-key-of-this-cart-0001", [[1], [], 1, "1"]],
        ["a-key-of-this-cart-0001", [1, [[]], 1, "1"]],
        ["a-key-of-this-cart-0001", [1, None, 1, "1"]],
        ["a-key-of-this-cart-0001", [1, [], "1", "1"]],
        ["a-key-of-this-cart-0001", [1, [], -1, "1"]],
        ["a-key-of-this-cart-0001", [1, [], True, "1"]],
        ["a-key-of-this-cart-0001", [1, [], 100, "1"]],
        ["a-key-of-this-cart-0001", [2**64, [], 1, "1"]],
        ["a-key-of-this-cart-0001", [1, [], 1, "NaN"]],
        ["a-key-of-this-cart-0001", [1, [], 1, "sNaN"]],
        ["a-key-of-this-cart-0001", [1, [], 1, "Infinity"]],
        ["a-key-of-this-cart-0001", [1, [], 1, "1e999999"]],
        ["a-key-of-this-cart-0001", [1, [], 1, "-1"]],
        ["a-key-of-this-cart-0001", [1, [], 1, None]],
        ["a-key-of-this-cart-0001", *[[1, [], 1, "1"]] * 31],
    ],
)
def test_a_cart_of_another_shape_is_empty_and_says_so(cafe: Cafe, kept: Any) -> None:
    cookies = f"cart={signed(kept, cookie.SALT)}"
    page = cafe.send("GET", "/en/cart/", HTTP_COOKIE=cookies)
    assert "We could not read your cart" in page.content.decode()
    assert page.cookies["cart"].value == ""
    assert cafe.send("GET", "/en/checkout/", HTTP_COOKIE=cookies).status_code == 302


@pytest.mark.parametrize("kept", [{}, 1, None, ["é", "\ud800", 1, None, []], "abc"])
def test_a_device_of_another_shape_owns_nothing(cafe: Cafe, kept: Any) -> None:
    cookies = f"my_orders={signed(kept, device_orders.SALT)}"
    assert cafe.send("GET", "/en/orders/mine/", HTTP_COOKIE=cookies).status_code == 200
    assert cafe.send("GET", f"/en/order/{cafe.tokens[0]}/", HTTP_COOKIE=cookies).status_code == 200


def test_a_cart_that_is_full_can_still_be_changed(cafe: Cafe) -> None:
    full = fuller = cookie.Cart()
    with contextlib.suppress(cookie.CartFull):
        for _line in range(30):
            full = fuller
            ids = tuple(random.randint(1, 2**40) for _option in range(30))
            fuller = full.adding(cookie.CartLine(ids[0], ids, 1, Decimal("1.00")))
    assert 1 < len(full.lines) < 29
    grown = full.with_lines(replace(line, quantity=99, shown_price=Decimal("99.99")) for line in full.lines)
    grown = grown.with_quantity(grown.lines[0].key, 10)
    kept = cookie.write(RequestFactory().get("/"), HttpResponse(), grown).cookies["cart"].value
    assert len(kept) < 3900
    lines = urlencode({"line": grown.lines[0].key, "quantity": 9}).encode()
    assert cafe.submit("/en/cart/change/", lines, HTTP_COOKIE=f"cart={kept}").status_code in (302, 422)
