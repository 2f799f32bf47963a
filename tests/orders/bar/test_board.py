"""The barista board: its columns, its polling, what a ticket shows."""

import re
from typing import Any

import pytest
from django.test import Client

from orders import services
from orders.models import Order
from tests.harness.factories import barista, croissant, latte, order, wanted
from tests.orders.bar.touches import BAR, HTMX, columns

pytestmark = pytest.mark.django_db


def test_orders_stand_in_their_columns_oldest_first(barista_client: Client) -> None:
    orders = [order() for _number in range(5)]
    actor = barista()
    services.advance_order(order=orders[3], actor=actor)
    services.advance_order(order=orders[1], actor=actor)
    for _step in range(2):
        services.advance_order(order=orders[2], actor=actor)
    numbers = [placed.number for placed in orders]
    assert columns(barista_client.get(BAR)) == [[numbers[0], numbers[4]], [numbers[1], numbers[3]], [numbers[2]]]


def test_a_closed_order_leaves_the_board(barista_client: Client) -> None:
    services.cancel_order(order=order())
    done = order()
    for _step in range(3):
        services.advance_order(order=done, actor=barista())
    assert columns(barista_client.get(BAR)) == [[], [], []]


@pytest.mark.parametrize(("language", "name", "size"), [("en", "Latte", "Large"), ("zh-CN", "拿铁", "大杯")])
def test_a_ticket_has_all_that_is_needed_to_make_it(
    barista_client: Client, language: str, name: str, size: str
) -> None:
    order(wanted(latte(), "Large", quantity=2), customer_name="王小明", note="<b>少冰</b>", fulfilment="here")
    page = barista_client.get(BAR, headers={"accept-language": language}).content.decode()
    for words in ("2 ×", name, f"<b>{size}</b>", "王小明", "&lt;b&gt;少冰&lt;/b&gt;", "¥62"):
        assert words in page


@pytest.mark.parametrize("count", [1, 50])
def test_the_board_takes_six_queries_whatever_the_queue(
    barista_client: Client, django_assert_num_queries: Any, count: int
) -> None:
    drink, roll = latte(max_per_order=99), croissant(stock=500)
    for number in range(count):
        placed = order(wanted(drink, "Small"), wanted(roll))
        for _step in range(number % 3):
            services.advance_order(order=placed, actor=barista())
    with django_assert_num_queries(6):  # queries: session, user, two for permissions, orders, lines
        page = barista_client.get(BAR)
    assert sum(map(len, columns(page))) == count
    seen = re.search(r"\?seen=(\w+)", page.content.decode())
    assert seen
    with django_assert_num_queries(6):
        assert barista_client.get(BAR, {"seen": seen[1]}, headers=HTMX).status_code == 204


def test_the_board_is_polled(barista_client: Client, placed: Order) -> None:
    page = barista_client.get(BAR).content.decode()
    seen = re.search(r"\?seen=(\w+)", page)
    assert seen
    unchanged = barista_client.get(BAR, {"seen": seen[1]}, headers=HTMX)
    assert (unchanged.status_code, unchanged.content) == (204, b"")
    for change in (services.mark_paid, services.advance_order):
        change(order=placed, actor=barista())
        changed = barista_client.get(BAR, {"seen": seen[1]}, headers=HTMX)
        assert changed.status_code == 200
        assert changed.content.lstrip().startswith(b'<div class="bar"')
