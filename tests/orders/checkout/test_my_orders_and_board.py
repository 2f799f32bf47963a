"""`My orders`, the customers' board, and rules of all pages."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from orders.cart.cookie import CartLine
from orders.models import Order
from orders.services import advance_order
from tests.harness.factories import barista, croissant, nothing_written, order, wanted
from tests.orders.checkout.pages import FORMS, add, check_out, form_of, poll, submit, text_of

pytestmark = pytest.mark.django_db


def test_my_orders_are_this_devices_twenty_newest(client: Client, other_device: Client) -> None:
    roll = croissant()
    for _time in range(21):
        add(client, roll)
        submit(client, form_of(check_out(client)))
    tokens = list(Order.objects.order_by("-pk").values_list("token", flat=True))
    page = client.get("/en/orders/mine/").content.decode()
    assert re.findall(r'href="/en/order/([\w-]+)/"', page) == tokens[:20]
    assert "No orders from this device yet." in text_of(other_device.get("/en/orders/mine/"))


def test_my_orders_say_their_status(client: Client, placed: Order) -> None:
    advance_order(order=placed, actor=barista())
    page = text_of(client.get("/en/orders/mine/"))
    for words in (str(placed.number), "2 × Butter Croissant", "¥32", "Being made"):
        assert words in page


def numbers(page: HttpResponse) -> list[list[str]]:
    columns = page.content.decode().split("<section")[1:]
    return [re.findall(r"board__number[^>]*>(\d+)<", column) for column in columns]


def test_the_board_shows_what_is_made_and_what_is_ready(client: Client) -> None:
    actor = barista()
    orders = [order(wanted(croissant()))] + [order() for _time in range(4)]
    for placed in orders[:4]:
        advance_order(order=placed, actor=actor)
    for placed in orders[:2]:
        advance_order(order=placed, actor=actor)
    called = [str(placed.number) for placed in orders]
    page = client.get("/en/board/")
    assert numbers(page) == [[called[2], called[3]], [called[1], called[0]]]
    assert "王芳" not in page.content.decode()
    advance_order(order=orders[0], actor=actor)
    assert numbers(client.get("/en/board/")) == [[called[2], called[3]], [called[1]]]


def test_the_board_is_polled(client: Client) -> None:
    page = client.get("/en/board/").content.decode()
    seen = re.search(r"\?seen=(\w+)", page)
    assert seen
    assert poll(client, "/en/board/", seen[1]).status_code == 204
    advance_order(order=order(), actor=barista())
    changed = poll(client, "/en/board/", seen[1])
    assert changed.status_code == 200
    assert changed.content.lstrip().startswith(b'<div class="board"')


def test_the_board_takes_one_query(client: Client, django_assert_num_queries: Any) -> None:
    for _time in range(3):
        advance_order(order=order(), actor=barista())
    with django_assert_num_queries(1):
        client.get("/en/board/")


PAGES = ["/en/cart/", "/en/orders/mine/", "/en/board/", "/zh-hans/cart/", "/zh-hans/orders/mine/", "/zh-hans/board/"]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_needs_a_session_or_an_inline_style(client: Client, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert "sessionid" not in page.cookies
    assert "no-store" in page["Cache-Control"]
    html = page.content.decode()
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)", html)


def test_a_file_sent_instead_of_a_word_is_refused(client: Client) -> None:
    add(client, croissant(stock=5))
    form = {name: value for name, value in form_of(check_out(client)).items() if name != "customer_name"}
    body = encode_multipart(BOUNDARY, form)
    with nothing_written():
        response = client.generic("POST", "/en/checkout/", body, content_type=MULTIPART_CONTENT)
    assert response.status_code == 422


@pytest.mark.parametrize("path", FORMS)
def test_a_form_of_10_mb_is_refused(client: Client, path: str) -> None:
    with nothing_written():
        assert client.post(f"/en/{path}", {"note": "x" * 10 * 1024 * 1024}).status_code == 413


def test_a_line_knows_itself_by_its_item_and_options() -> None:
    assert CartLine(7, (3, 1), 2, Decimal(1)).key == "7-3-1"
